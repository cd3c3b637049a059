/**
 * Event streams. Flagsmith's exact bytes matter: one `data: ` line with a float, comments as heartbeats, and an end after a while,
 * because one client reads the body only once it is complete. Ours and OFREP's stay open, since their clients take an end for a fault.
 */
import { type IdentityNews, identityTopic, isTopic } from "../../changes/identity-news.ts";
import type { Documents, EnvironmentChange, Holder } from "../../documents/documents.ts";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { json } from "../../http/headers.ts";
import { createAnnouncer, gathered } from "./announcer.ts";
import { createHistory } from "./history.ts";
import { createListeners, type Dialect, type Listener, type Seat } from "./listeners.ts";
import { lastEventId, sayChanged, sayReady, sayReset, sayRevision } from "./spellings.ts";

export interface StreamDeps {
  readonly documents: Documents;
  readonly news: IdentityNews;
  /** Seconds after which one of Flagsmith's streams ends and its client reconnects. */
  readonly streamSeconds: number;
  /** More are refused. */
  readonly maxStreams?: number | undefined;
  readonly heartbeatMs?: number;
}

export interface Streams {
  /** Flagsmith's, by client-side key. */
  openFlagsmith(apiKey: string, signal: AbortSignal): Promise<Response>;
  /** OFREP's, by client-side key; with a topic, of one identity. */
  openOfrep(apiKey: string, topic: string | undefined, signal: AbortSignal): Promise<Response>;
  openEnvironment(holder: Holder, request: Request): Response;
  openIdentity(holder: Holder, identifier: string, request: Request): Response;
  /** How many clients listen. */
  count(): number;
  counts(): Readonly<Record<Dialect, number>>;
  /** Ends every stream; for shutdown. */
  closeAll(): void;
}

const HEARTBEAT_MS = 5000;
/** A write is told at once; those that follow within this time are told together. */
const GATHER_MS = 50;
const MAX_STREAMS = 50_000;

const full = () => json(503, { detail: "Too many streams are open here." }, { "Retry-After": "5" });
const unknown = () => json(404, { detail: "Not found." });

const serverKey = ({ origin }: Holder, request: Request): string | undefined =>
  origin === "server" ? (request.headers.get("x-environment-key") ?? undefined) : undefined;

export function createStreams(deps: StreamDeps): Streams {
  const { documents, news, streamSeconds, maxStreams = MAX_STREAMS, heartbeatMs = HEARTBEAT_MS } = deps;
  const listeners = createListeners(heartbeatMs);
  const history = createHistory();
  const { announce, tellNow, tellPersonal } = createAnnouncer(documents, listeners);

  documents.onChange(({ environmentId, revision, updatedAt, identities }: EnvironmentChange) => {
    history.add(environmentId, { revision, updatedAt });
    announce(environmentId, { isAboutAll: !identities, topics: new Set(identities), revision });
  });
  // Somebody wrote traits of very many identities, batch by batch; or other nodes may have and we did not hear.
  news.onAll((environmentId) => {
    for (const id of environmentId === null ? listeners.environments() : [environmentId]) tellPersonal(id);
  });

  /** `begin` runs once the stream hears everything that comes after. */
  const open = (
    seat: Seat,
    signal: AbortSignal,
    begin: (listener: Listener, environment: LoadedEnvironment) => string | undefined,
  ): Response => {
    if (listeners.count() >= maxStreams) return full();
    return listeners.open(seat, signal, (listener) => {
      const tell = gathered(() => void tellNow([listener]), GATHER_MS);
      const watch = seat.topic === undefined ? undefined : news.watch(seat.topic, tell);
      if (watch) listener.onEnd = watch.stop;
      void (async () => {
        if (watch) await watch.ready;
        const environment = await Promise.resolve(documents.get(seat.environmentId)).catch(() => undefined);
        if (environment) await listeners.tell([listener], () => begin(listener, environment));
        else listener.end();
      })();
    });
  };

  const byClientKey = async (apiKey: string): Promise<Holder | undefined> => {
    const holder = apiKey.startsWith("ser.") ? "unknown" : await documents.resolve(apiKey);
    return typeof holder === "string" ? undefined : holder;
  };

  return {
    openFlagsmith: async (apiKey, signal) => {
      const holder = await byClientKey(apiKey);
      if (!holder) return unknown();
      const seat = { environmentId: holder.environment.id, dialect: "flagsmith" as const, seconds: streamSeconds };
      return open(seat, signal, (listener, environment) => sayChanged(listener, environment, "configuration"));
    },
    openOfrep: async (apiKey, topic, signal) => {
      const holder = await byClientKey(apiKey);
      if (!holder || (topic !== undefined && !isTopic(topic))) return unknown();
      const seat = { environmentId: holder.environment.id, dialect: "ofrep" as const, topic };
      // What changed between its last answer and now it cannot know, so it is told to ask.
      return open(seat, signal, (listener, environment) => sayChanged(listener, environment, "configuration"));
    },
    openEnvironment: (holder, request) => {
      const key = serverKey(holder, request);
      const seat = { environmentId: holder.environment.id, dialect: "environment" as const, key };
      const last = lastEventId(request);
      return open(seat, request.signal, (listener, environment) => {
        const { id, revision } = environment;
        listener.told = revision;
        if ((listener.owed ?? 0) > revision) announce(id, { isAboutAll: true, topics: new Set(), revision });
        if (last === undefined) return sayReady(environment);
        const missed = last === null ? undefined : history.since(id, last, environment);
        if (!missed) return sayReset(environment);
        return missed.length === 0 ? sayReady(environment) : missed.map(sayRevision).join("");
      });
    },
    openIdentity: (holder, identifier, request) => {
      const { id } = holder.environment;
      const key = serverKey(holder, request);
      const topic = identityTopic(id, identifier);
      const seat = { environmentId: id, dialect: "identity" as const, topic, isServer: key !== undefined, key };
      return open(seat, request.signal, () => "event: ready\ndata: {}\n\n");
    },
    count: listeners.count,
    counts: listeners.counts,
    closeAll: listeners.closeAll,
  };
}
