/**
 * The end of the read lane and of the write lane: environments in memory, by id and by key, never older than the last acknowledged change.
 * A change makes the held copy stale at once; the next reader waits for the new one. Where the database cannot be reached,
 * the copy that is there keeps serving.
 */
import type { Awaitable, Db } from "../db/database.ts";
import { createKeys, type KeyEntry } from "./keys.ts";
import { loadEnvironment } from "./load.ts";
import type { LoadedEnvironment } from "./loaded.ts";

export interface EnvironmentChange {
  readonly environmentId: number;
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  /** Only these identities evaluate differently, by their topics; left out: anybody may. */
  readonly identities?: readonly string[];
}

export interface Holder {
  readonly environment: LoadedEnvironment;
  readonly origin: "client" | "server";
}

export interface Documents {
  /** The environment a key stands for. */
  resolve(key: string): Awaitable<Holder | "unknown" | "stopped">;
  get(environmentId: number): Awaitable<LoadedEnvironment | undefined>;
  /** Told by every commit of this process, before it is acknowledged. */
  changed(changes: readonly EnvironmentChange[]): void;
  /** Called once for each change, whichever process made it. Returns how to stop. */
  onChange(listener: (change: EnvironmentChange) => void): () => void;
  /** Compares revisions with the database: finds what other processes changed. */
  poll(): Promise<void>;
  close(): void;
}

interface Slot {
  loaded: LoadedEnvironment | undefined;
  /** The newest revision heard of. */
  wanted: number;
  loading: Promise<LoadedEnvironment | undefined> | undefined;
  /** After a failed load the old copy serves until then. */
  retryAt: number;
  readonly holders: { client?: Holder; server?: Holder };
}

export interface DocumentsDeps {
  readonly db: Db;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  /** Milliseconds between polls; 0 = never. */
  readonly pollMs?: number;
  readonly maxEnvironments?: number;
}

const RETRY_MS = 500;
const MAX_LOADS = 5;

export function createDocuments({ db, now, onError, pollMs = 1000, maxEnvironments = 1000 }: DocumentsDeps): Documents {
  const keys = createKeys(db, now);
  const slots = new Map<number, Slot>();
  const listeners = new Set<(change: EnvironmentChange) => void>();

  const slotOf = (id: number): Slot => {
    const known = slots.get(id);
    if (known) return known;
    if (slots.size >= maxEnvironments) for (const oldest of slots.keys()) if (slots.delete(oldest)) break;
    const slot: Slot = { loaded: undefined, wanted: 0, loading: undefined, retryAt: 0, holders: {} };
    slots.set(id, slot);
    return slot;
  };

  const load = async (id: number, slot: Slot): Promise<LoadedEnvironment | undefined> => {
    try {
      let loaded = await loadEnvironment(db, id);
      // A change may have been announced while the load ran. Bounded, since a restored database may never get there.
      for (let tries = 1; loaded && loaded.revision < slot.wanted && tries < MAX_LOADS; tries += 1) {
        loaded = await loadEnvironment(db, id);
      }
      slot.loaded = loaded;
      if (loaded) slot.wanted = loaded.revision;
      else if (slots.get(id) === slot) slots.delete(id);
      return loaded;
    } catch (error) {
      if (!slot.loaded) throw error;
      onError(error);
      slot.retryAt = now() + RETRY_MS;
      return slot.loaded;
    } finally {
      slot.loading = undefined;
    }
  };

  const get = (id: number): Awaitable<LoadedEnvironment | undefined> => {
    const slot = slotOf(id);
    if (slot.loaded && (slot.loaded.revision >= slot.wanted || slot.retryAt > now())) return slot.loaded;
    slot.loading ??= load(id, slot);
    return slot.loading;
  };

  const hold = (environment: LoadedEnvironment | undefined, origin: "client" | "server") => {
    if (!environment) return "unknown" as const;
    if (environment.stopServingFlags) return "stopped" as const;
    const holders = slots.get(environment.id)?.holders;
    const known = holders?.[origin];
    if (known?.environment === environment) return known;
    const holder: Holder = { environment, origin };
    if (holders) holders[origin] = holder;
    return holder;
  };

  const follow = (entry: KeyEntry | null): Awaitable<Holder | "unknown" | "stopped"> => {
    if (entry === null || (entry.expiresAt !== null && entry.expiresAt <= now())) return "unknown";
    const environment = get(entry.environmentId);
    return environment instanceof Promise
      ? environment.then((loaded) => hold(loaded, entry.origin))
      : hold(environment, entry.origin);
  };

  const changed = (changes: readonly EnvironmentChange[]): void => {
    keys.forget(new Set(changes.map((change) => change.environmentId)));
    for (const change of changes) {
      const slot = slots.get(change.environmentId);
      if (slot && change.revision <= slot.wanted) continue;
      // Where one was missed, what it was about is not known.
      const { identities, ...aboutAnybody } = change;
      const heard = slot?.wanted === change.revision - 1 && identities ? change : aboutAnybody;
      if (slot) slot.wanted = change.revision;
      for (const listener of listeners) listener(heard);
    }
  };

  const poll = async (): Promise<void> => {
    const ids = [...slots].flatMap(([id, slot]) => (slot.loaded ? [id] : []));
    if (ids.length === 0) return;
    const rows = await db.kysely
      .selectFrom("environments")
      .select(["id", "revision", "updated_at"])
      .where("id", "in", ids)
      .execute();
    const alive = new Set(rows.map((row) => row.id));
    const gone = ids.filter((id) => !alive.has(id));
    for (const id of gone) slots.delete(id);
    if (gone.length > 0) keys.forget(new Set(gone));
    const moved = rows.filter((row) => row.revision > (slots.get(row.id)?.wanted ?? row.revision));
    changed(moved.map((row) => ({ environmentId: row.id, revision: row.revision, updatedAt: row.updated_at })));
  };

  let polling = false;
  const tick = async () => {
    if (polling) return;
    polling = true;
    await poll().catch(onError);
    polling = false;
  };
  const timer = pollMs > 0 ? setInterval(() => void tick(), pollMs) : undefined;

  return {
    get,
    changed,
    poll,
    resolve: (key) => {
      const entry = keys.find(key);
      return entry instanceof Promise ? entry.then(follow) : follow(entry);
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => clearInterval(timer),
  };
}
