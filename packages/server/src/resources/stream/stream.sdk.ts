/**
 * Event streams. Flagsmith's exact bytes matter: one `data: ` line with a float, comments as heartbeats, and an end after a while,
 * because one client reads the body only once it is complete. Ours and OFREP's stay open, since their clients take an end for a fault.
 */
import { type IdentityNews, identityTopic, isTopic } from "../../changes/identity-news.ts";
import type { Documents, EnvironmentChange, Holder } from "../../documents/documents.ts";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { json } from "../../http/headers.ts";
import { createHistory } from "./history.ts";
import { createListeners, type Dialect, type Listener, type Seat } from "./listeners.ts";
import { lastEventId, type Occasion, sayChanged, sayReady, sayReset, sayRevision } from "./spellings.ts";

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

/** What is to be told of an environment; the newest state is told once, however often it changed meanwhile. */
interface Waiting {
  isAboutAll: boolean;
  readonly topics: Set<string>;
  revision: number;
}

const HEARTBEAT_MS = 5000;
/** While the database cannot be read. */
const RETRY_MS = 1000;
/** A change is told at once; those that follow within this time are told together. */
const GATHER_MS = 50;
/** The same for what concerns every identity of an environment. */
const GATHER_ALL_MS = 1000;
const MAX_ENVIRONMENTS = 1000;
const MAX_STREAMS = 50_000;

const full = () => json(503, { detail: "Too many streams are open here." }, { "Retry-After": "5" });
const unknown = () => json(404, { detail: "Not found." });

function gathered(work: () => void, gatherMs = GATHER_MS): () => void {
  let isDue = false;
  let last = 0;
  const run = () => {
    isDue = false;
    last = Date.now();
    work();
  };
  return () => {
    if (isDue) return;
    isDue = true;
    const wait = last + gatherMs - Date.now();
    if (wait > 0) setTimeout(run, wait);
    else run();
  };
}

export function createStreams(deps: StreamDeps): Streams {
  const { documents, news, streamSeconds, maxStreams = MAX_STREAMS, heartbeatMs = HEARTBEAT_MS } = deps;
  const listeners = createListeners(heartbeatMs);
  const history = createHistory();
  const waiting = new Map<number, Waiting>();
  const announcing = new Set<number>();

  const hears = ({ topic }: Listener, { isAboutAll, topics }: Waiting): boolean =>
    isAboutAll || topic === undefined || topics.has(topic);

  /** One that came while the change was on its way is told of it with its first event. */
  const isNew = (listener: Listener, revision: number): boolean => {
    if (listener.dialect !== "environment") return true;
    if (listener.told === undefined) listener.owed = revision;
    if (listener.told === undefined || listener.told >= revision) return false;
    listener.told = revision;
    return true;
  };

  const announceOnce = async (environmentId: number, news: Waiting): Promise<void> => {
    // An event must never be ahead of what a refetch would get, so the new document comes first.
    const environment = await Promise.resolve(documents.get(environmentId)).catch(() => null);
    const audience = [...listeners.of(environmentId)];
    if (environment === undefined || environment?.stopServingFlags) {
      for (const listener of audience) listener.end();
      return;
    }
    if (environment === null || environment.revision < news.revision) {
      if (audience.length > 0) setTimeout(() => enqueue(environmentId, news), RETRY_MS);
      return;
    }
    const concerned = audience.filter((listener) => hears(listener, news) && isNew(listener, environment.revision));
    await listeners.tell(concerned, (listener) => sayChanged(listener, environment, "configuration"));
  };

  const announce = async (environmentId: number): Promise<void> => {
    if (announcing.has(environmentId)) return;
    announcing.add(environmentId);
    for (let next = waiting.get(environmentId); next; next = waiting.get(environmentId)) {
      waiting.delete(environmentId);
      await announceOnce(environmentId, next);
    }
    announcing.delete(environmentId);
  };

  const enqueue = (environmentId: number, { isAboutAll, topics, revision }: Waiting): void => {
    const known = waiting.get(environmentId) ?? { isAboutAll: false, topics: new Set<string>(), revision: 0 };
    known.isAboutAll ||= isAboutAll;
    known.revision = Math.max(known.revision, revision);
    for (const topic of topics) known.topics.add(topic);
    waiting.set(environmentId, known);
    void announce(environmentId);
  };

  documents.onChange(({ environmentId, revision, updatedAt, identities }: EnvironmentChange) => {
    history.add(environmentId, { revision, updatedAt });
    enqueue(environmentId, { isAboutAll: !identities, topics: new Set(identities), revision });
  });

  const tellPersonal = new Map<number, () => void>();
  /** Somebody wrote traits of very many identities, batch by batch; or other nodes may have and we did not hear. */
  news.onAll((environmentId) => {
    const ids = environmentId === null ? listeners.environments() : [environmentId];
    for (const id of ids) {
      const known = tellPersonal.get(id);
      const personal = () => [...listeners.of(id)].filter(({ topic }) => topic !== undefined);
      const tell = known ?? gathered(() => void tellNow(personal(), "traits"), GATHER_ALL_MS);
      if (!known && tellPersonal.size < MAX_ENVIRONMENTS) tellPersonal.set(id, tell);
      tell();
    }
  });

  const tellNow = async (audience: readonly Listener[], occasion: Occasion): Promise<void> => {
    const [first] = audience;
    const environment = first && (await Promise.resolve(documents.get(first.environmentId)).catch(() => undefined));
    if (environment) await listeners.tell(audience, (listener) => sayChanged(listener, environment, occasion));
  };

  /** `begin` runs once the stream hears everything that comes after. */
  const open = (
    seat: Seat,
    signal: AbortSignal,
    begin: (listener: Listener, environment: LoadedEnvironment) => string | undefined,
  ): Response => {
    if (listeners.count() >= maxStreams) return full();
    return listeners.open(seat, signal, (listener) => {
      const tell = gathered(() => void tellNow([listener], "traits"));
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
      const seat = { environmentId: holder.environment.id, dialect: "environment" as const };
      const last = lastEventId(request);
      return open(seat, request.signal, (listener, environment) => {
        const { id, revision } = environment;
        listener.told = revision;
        if ((listener.owed ?? 0) > revision) enqueue(id, { isAboutAll: true, topics: new Set(), revision });
        if (last === undefined) return sayReady(environment);
        const missed = last === null ? undefined : history.since(id, last, environment);
        if (!missed) return sayReset(environment);
        return missed.length === 0 ? sayReady(environment) : missed.map(sayRevision).join("");
      });
    },
    openIdentity: ({ environment: { id }, origin }, identifier, request) => {
      const topic = identityTopic(id, identifier);
      const seat = { environmentId: id, dialect: "identity" as const, topic, isServer: origin === "server" };
      return open(seat, request.signal, () => "event: ready\ndata: {}\n\n");
    },
    count: listeners.count,
    counts: listeners.counts,
    closeAll: listeners.closeAll,
  };
}
