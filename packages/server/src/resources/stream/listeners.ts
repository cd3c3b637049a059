/**
 * Open event streams: who listens to what, the heartbeats, and telling thousands without keeping the others waiting. A stream costs a
 * socket and a few kilobytes: bytes are made once for all who hear the same, and there is one timer for all heartbeats.
 */

/** Whose words a stream speaks: Flagsmith's, OFREP's "refetch", or our own of an environment or an identity. */
export const dialects = ["flagsmith", "ofrep", "environment", "identity"] as const;
export type Dialect = (typeof dialects)[number];

export interface Seat {
  readonly environmentId: number;
  readonly dialect: Dialect;
  /** Set: it hears what concerns this identity or everybody, and nothing of other identities. */
  readonly topic?: string | undefined;
  /** Opened with a server-side key. */
  readonly isServer?: boolean;
  /** That key: it may be revoked, or run out. */
  readonly key?: string | undefined;
  /** After which it ends and its client reconnects; left out: never. */
  readonly seconds?: number | undefined;
}

export interface Listener extends Seat {
  send(bytes: Uint8Array): void;
  end(): void;
  /** Called once, when it has ended, whoever ended it. */
  onEnd?: () => void;
  /** The newest revision it was told of; undefined until it has had its first event. */
  told?: number;
  /** One that it could not be told of yet. */
  owed?: number;
}

export interface Listeners {
  open(seat: Seat, signal: AbortSignal, onOpen: (listener: Listener) => void): Response;
  of(environmentId: number): Iterable<Listener>;
  /** Those that somebody listens to. */
  environments(): readonly number[];
  /** Those of one dialect and kind of key get the same; undefined = nothing. Others are served in between. */
  tell(audience: Iterable<Listener>, spell: (listener: Listener) => string | undefined): Promise<void>;
  counts(): Readonly<Record<Dialect, number>>;
  count(): number;
  closeAll(): void;
}

/** Comments, so that no client takes them for events. */
const READY = ": ready\n\n";
const PING = ": ping\n\n";
/** Flagsmith's clients are used to five seconds; ours only have to stay below what proxies and the server itself cut. */
const ROUNDS: Readonly<Record<Dialect, number>> = { flagsmith: 1, ofrep: 3, environment: 3, identity: 3 };
const SLICES = 20;
const AT_ONCE = 500;
const MAX_WAITING_CHUNKS = 64;
const encoder = new TextEncoder();

const HEADERS = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-cache",
  "Access-Control-Allow-Origin": "*",
  "X-Accel-Buffering": "no",
};

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Pings everybody once a round, a slice of them at a time: all at once would hold up an event. Returns how to stop. */
function startHeartbeat(listeners: ReadonlySet<Listener>, roundMs: number): () => void {
  const ping = encoder.encode(PING);
  let round = 0;
  let slice = 0;
  let cursor = listeners.values();
  let share = 0;
  let left = 0;
  const beat = () => {
    if (slice === 0) {
      round += 1;
      cursor = listeners.values();
      left = listeners.size;
      share = Math.ceil(left / SLICES);
    }
    slice = (slice + 1) % SLICES;
    // The last slice takes those who came during the round too.
    const most = slice === 0 ? listeners.size : Math.min(share, left);
    left -= most;
    for (let reached = 0; reached < most; reached += 1) {
      const { value: listener, done } = cursor.next();
      if (done) return;
      if (round % ROUNDS[listener.dialect] === 0) listener.send(ping);
    }
  };
  const timer = setInterval(beat, roundMs / SLICES);
  timer.unref?.();
  return () => clearInterval(timer);
}

export function createListeners(heartbeatMs: number): Listeners {
  const all = new Set<Listener>();
  const byEnvironment = new Map<number, Set<Listener>>();
  const stopHeartbeat = startHeartbeat(all, heartbeatMs);
  const ready = encoder.encode(READY);

  const add = (listener: Listener): void => {
    all.add(listener);
    const audience = byEnvironment.get(listener.environmentId);
    if (audience) audience.add(listener);
    else byEnvironment.set(listener.environmentId, new Set([listener]));
  };

  const remove = (listener: Listener): boolean => {
    if (!all.delete(listener)) return false;
    const audience = byEnvironment.get(listener.environmentId);
    audience?.delete(listener);
    if (audience?.size === 0) byEnvironment.delete(listener.environmentId);
    return true;
  };

  const subscribe = (seat: Seat, controller: ReadableStreamDefaultController): Listener => {
    const end = () => {
      if (!remove(listener)) return;
      clearTimeout(timer);
      listener.onEnd?.();
      try {
        controller.close();
      } catch {
        // The client has gone already.
      }
    };
    const timer = seat.seconds === undefined ? undefined : setTimeout(end, seat.seconds * 1000);
    const listener: Listener = {
      ...seat,
      end,
      // A client that stopped reading must not make the server remember what it missed: it reconnects and refetches.
      send: (bytes) => {
        if (!all.has(listener)) return;
        if ((controller.desiredSize ?? 0) < -MAX_WAITING_CHUNKS) return end();
        try {
          controller.enqueue(bytes);
        } catch {
          // It has gone, and nobody has said so yet; the others must hear all the same.
          end();
        }
      },
    };
    add(listener);
    return listener;
  };

  return {
    open: (seat, signal, onOpen) => {
      let listener: Listener | undefined;
      const body = new ReadableStream({
        start: (controller) => {
          listener = subscribe(seat, controller);
          listener.send(ready);
          onOpen(listener);
        },
        cancel: () => listener?.end(),
      });
      signal.addEventListener("abort", () => listener?.end());
      return new Response(body, { status: 200, headers: HEADERS });
    },
    of: (environmentId) => byEnvironment.get(environmentId) ?? [],
    environments: () => [...byEnvironment.keys()],
    tell: async (audience, spell) => {
      const made = new Map<string, Uint8Array | undefined>();
      let told = 0;
      for (const listener of [...audience]) {
        const kind = listener.isServer ? `server ${listener.dialect}` : listener.dialect;
        if (!made.has(kind)) {
          const text = spell(listener);
          made.set(kind, text === undefined ? undefined : encoder.encode(text));
        }
        const bytes = made.get(kind);
        if (!bytes) continue;
        listener.send(bytes);
        told += 1;
        if (told % AT_ONCE === 0) await nextTurn();
      }
    },
    counts: () => {
      const counts: Record<Dialect, number> = { flagsmith: 0, ofrep: 0, environment: 0, identity: 0 };
      for (const { dialect } of all) counts[dialect] += 1;
      return counts;
    },
    count: () => all.size,
    closeAll: () => {
      stopHeartbeat();
      for (const listener of [...all]) listener.end();
    },
  };
}
