/**
 * The stream of `environment_updated` events. Its exact bytes matter: one `data: ` line with a float, comments as heartbeats,
 * and an end after a while, because one client reads the body only once it is complete.
 */
import type { Documents } from "../../documents/documents.ts";
import { epochSeconds } from "../../documents/load.ts";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { json } from "../../http/headers.ts";

export interface StreamDeps {
  readonly documents: Documents;
  /** Seconds after which a stream ends and its client reconnects. */
  readonly streamSeconds: number;
  readonly heartbeatMs?: number;
}

/** Whose words a stream speaks: Flagsmith's, or OFREP's "refetch". */
export type StreamDialect = "flagsmith" | "ofrep";

export interface Streams {
  open(apiKey: string, signal: AbortSignal, dialect?: StreamDialect): Promise<Response>;
  /** How many clients listen. */
  count(): number;
  /** Ends every stream; for shutdown. */
  closeAll(): void;
}

interface Listener {
  readonly dialect: StreamDialect;
  readonly send: (text: string) => void;
  readonly end: () => void;
}

const HEARTBEAT_MS = 5000;
const MAX_WAITING_CHUNKS = 64;
const encoder = new TextEncoder();

const HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-cache",
  "Access-Control-Allow-Origin": "*",
  "X-Accel-Buffering": "no",
};

/** undefined where the project does not want SDKs told; who asked by OFREP was told where to listen, so is told. */
const spellings: Readonly<Record<StreamDialect, (environment: LoadedEnvironment) => string | undefined>> = {
  flagsmith: ({ realtime, updatedAt }) =>
    realtime ? `event: environment_updated\ndata: {"updated_at": ${epochSeconds(updatedAt)}}\n\n` : undefined,
  ofrep: ({ revision, updatedAt }) => {
    const data = { type: "refetchEvaluation", etag: String(revision), lastModified: Math.floor(updatedAt / 1000) };
    return `id: ${revision}\nevent: message\ndata: ${JSON.stringify(data)}\n\n`;
  },
};

export function createStreams({ documents, streamSeconds, heartbeatMs = HEARTBEAT_MS }: StreamDeps): Streams {
  const listeners = new Map<number, Set<Listener>>();

  documents.onChange(({ environmentId }) => {
    const audience = listeners.get(environmentId);
    if (audience) void announce(environmentId, audience);
  });

  /** Waits for the new document first: an event must never be ahead of what a refetch would get. */
  const announce = async (environmentId: number, audience: Iterable<Listener>) => {
    const environment = await Promise.resolve(documents.get(environmentId)).catch(() => undefined);
    if (!environment) return;
    for (const listener of audience) {
      const text = spellings[listener.dialect](environment);
      if (text !== undefined) listener.send(text);
    }
  };

  const all = (): Listener[] => [...listeners.values()].flatMap((audience) => [...audience]);
  const heartbeat = setInterval(() => {
    for (const listener of all()) listener.send(": ping\n\n");
  }, heartbeatMs);
  heartbeat.unref?.();

  const subscribe = (
    environmentId: number,
    dialect: StreamDialect,
    controller: ReadableStreamDefaultController,
    signal: AbortSignal,
  ) => {
    const audience = listeners.get(environmentId) ?? new Set();
    listeners.set(environmentId, audience);
    const listener: Listener = {
      dialect,
      // A client that stopped reading must not make the server remember what it missed: it reconnects and refetches.
      send: (text) => {
        if ((controller.desiredSize ?? 0) < -MAX_WAITING_CHUNKS) listener.end();
        else controller.enqueue(encoder.encode(text));
      },
      end: () => {
        if (!audience.delete(listener)) return;
        clearTimeout(timer);
        if (audience.size === 0 && listeners.get(environmentId) === audience) listeners.delete(environmentId);
        try {
          controller.close();
        } catch {
          // The client has gone already.
        }
      },
    };
    const timer = setTimeout(listener.end, streamSeconds * 1000);
    audience.add(listener);
    signal.addEventListener("abort", listener.end);
    return listener;
  };

  return {
    count: () => all().length,
    closeAll: () => {
      clearInterval(heartbeat);
      for (const listener of all()) listener.end();
    },
    open: async (apiKey, signal, dialect = "flagsmith") => {
      const holder = apiKey.startsWith("ser.") ? "unknown" : await documents.resolve(apiKey);
      if (holder === "unknown" || holder === "stopped") return json(404, { detail: "Not found." });
      const { environment } = holder;
      let listener: Listener | undefined;
      const body = new ReadableStream({
        start: (controller) => {
          const opened = subscribe(environment.id, dialect, controller, signal);
          listener = opened;
          opened.send(": ready\n\n");
          // Read after subscribing: a change in between would otherwise be missed by both.
          void announce(environment.id, [opened]);
        },
        cancel: () => listener?.end(),
      });
      return new Response(body, { status: 200, headers: HEADERS });
    },
  };
}
