/** Tells listeners of changes: the newest state once, however often it changed meanwhile, and never before a refetch would get it. */
import type { Documents } from "../../documents/documents.ts";
import type { Listener, Listeners } from "./listeners.ts";
import { type Occasion, sayChanged } from "./spellings.ts";

export interface Announcement {
  /** Whoever listens to the environment or to anybody in it, or only those who listen to the topics. */
  readonly isAboutAll: boolean;
  readonly topics: ReadonlySet<string>;
  readonly revision: number;
}

export interface Announcer {
  /** The environment's configuration changed. */
  announce(environmentId: number, announcement: Announcement): void;
  /** Traits changed, which are read where they are needed. */
  tellNow(audience: readonly Listener[]): Promise<void>;
  /** The same for all who listen to an identity of the environment, at most once a second. */
  tellPersonal(environmentId: number): void;
}

/** While the database cannot be read. */
const RETRY_MS = 1000;
const MAX_TRIES = 60;
const GATHER_ALL_MS = 1000;
const MAX_ENVIRONMENTS = 1000;

/** Works at once; what is asked for within `gatherMs` after that is one more time, at its end. */
export function gathered(work: () => void, gatherMs: number): () => void {
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

const hears = ({ topic }: Listener, { isAboutAll, topics }: Announcement): boolean =>
  isAboutAll || topic === undefined || topics.has(topic);

/** One that came while the change was on its way is told of it with its first event. */
function isNew(listener: Listener, revision: number): boolean {
  if (listener.dialect !== "environment") return true;
  if (listener.told === undefined) listener.owed = revision;
  if (listener.told === undefined || listener.told >= revision) return false;
  listener.told = revision;
  return true;
}

function together(a: Announcement | undefined, b: Announcement): Announcement {
  if (!a) return b;
  return {
    isAboutAll: a.isAboutAll || b.isAboutAll,
    topics: new Set([...a.topics, ...b.topics]),
    revision: Math.max(a.revision, b.revision),
  };
}

export function createAnnouncer(documents: Documents, listeners: Listeners): Announcer {
  const waiting = new Map<number, Announcement>();
  const announcing = new Set<number>();
  const personal = new Map<number, () => void>();

  /** null: it cannot be read. */
  const environmentOf = (id: number) => Promise.resolve(documents.get(id)).catch(() => null);

  const holds = (key: string): Promise<boolean> =>
    Promise.resolve(documents.resolve(key)).then(
      (holder) => typeof holder !== "string",
      () => true,
    );

  /** Ends those whose server-side key does not hold any more. */
  const stillWelcome = async (audience: readonly Listener[]): Promise<readonly Listener[]> => {
    const known = new Map<string, boolean>();
    for (const { key } of audience) if (key !== undefined && !known.has(key)) known.set(key, await holds(key));
    if (known.size === 0) return audience;
    return audience.filter((listener) => {
      const isWelcome = listener.key === undefined || known.get(listener.key) === true;
      if (!isWelcome) listener.end();
      return isWelcome;
    });
  };

  const announceOnce = async (environmentId: number, announcement: Announcement, tries: number): Promise<void> => {
    // Whoever comes later is told the newest as they come: nothing is loaded for nobody.
    if ([...listeners.of(environmentId)].length === 0) return;
    const environment = await environmentOf(environmentId);
    const audience = [...listeners.of(environmentId)];
    if (environment === undefined || environment?.stopServingFlags) {
      for (const listener of audience) listener.end();
      return;
    }
    const isOld = environment === null || environment.revision < announcement.revision;
    if (isOld && tries < MAX_TRIES) {
      if (audience.length > 0) setTimeout(() => void run(environmentId, announcement, tries + 1), RETRY_MS);
      return;
    }
    if (environment === null) return;
    const { revision } = environment;
    const concerned = (await stillWelcome(audience)).filter(
      (listener) => hears(listener, announcement) && isNew(listener, revision),
    );
    await listeners.tell(concerned, (listener) => sayChanged(listener, environment, "configuration"));
  };

  /** One at a time for each environment; what comes meanwhile is the next. */
  const run = async (environmentId: number, announcement: Announcement, tries = 0): Promise<void> => {
    waiting.set(environmentId, together(waiting.get(environmentId), announcement));
    if (announcing.has(environmentId)) return;
    announcing.add(environmentId);
    try {
      for (let next = waiting.get(environmentId); next; next = waiting.get(environmentId)) {
        waiting.delete(environmentId);
        await announceOnce(environmentId, next, tries);
      }
    } finally {
      announcing.delete(environmentId);
    }
  };

  const tellNow = async (audience: readonly Listener[], occasion: Occasion = "traits"): Promise<void> => {
    const [first] = audience;
    const environment = first && (await environmentOf(first.environmentId));
    if (!environment) return;
    await listeners.tell(await stillWelcome(audience), (listener) => sayChanged(listener, environment, occasion));
  };

  return {
    announce: (environmentId, announcement) => void run(environmentId, announcement),
    tellNow,
    tellPersonal: (environmentId) => {
      const known = personal.get(environmentId);
      const audience = () => [...listeners.of(environmentId)].filter(({ topic }) => topic !== undefined);
      const tell = known ?? gathered(() => void tellNow(audience()), GATHER_ALL_MS);
      if (!known && personal.size < MAX_ENVIRONMENTS) personal.set(environmentId, tell);
      tell();
    },
  };
}
