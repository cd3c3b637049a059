/** Which environment a presented key stands for. Unknown keys are remembered for a second, so that a flood of them stays cheap. */
import type { Awaitable, Db } from "../db/database.ts";
import { isAppError } from "../errors.ts";

export interface KeyEntry {
  readonly environmentId: number;
  readonly origin: "client" | "server";
  /** Milliseconds since 1970; null = never. */
  readonly expiresAt: number | null;
}

export interface Keys {
  /** null = no such key, or one that is inactive. Expiry is the caller's to check: it comes without a change. */
  find(key: string): Awaitable<KeyEntry | null>;
  forget(environmentIds: ReadonlySet<number>): void;
}

interface KeyRow {
  environment_id: number;
  expires_at: number | null;
}

const CLIENT_KEY = "SELECT id AS environment_id, NULL AS expires_at FROM environments WHERE api_key = ?";
const SERVER_KEY = "SELECT environment_id, expires_at FROM environment_keys WHERE key = ? AND active = 1";
const UNKNOWN_FOR_MS = 1000;
const RETRY_MS = 500;
const MAX_KNOWN = 10_000;
const MAX_UNKNOWN = 10_000;

export function createKeys(db: Db, now: () => number): Keys {
  const known = new Map<string, KeyEntry>();
  /** Forgotten ones: they hold again, for a while, where the database cannot say whether they still do. */
  const former = new Map<string, { readonly entry: KeyEntry; retryAt: number }>();
  const unknown = new Map<string, number>();
  // Counts every forget: an answer read before one must not be remembered after it.
  let generation = 0;

  const remember = (key: string, row: KeyRow | undefined, readAt: number): KeyEntry | null => {
    former.delete(key);
    if (!row) {
      if (unknown.size >= MAX_UNKNOWN) unknown.clear();
      if (generation === readAt) unknown.set(key, now() + UNKNOWN_FOR_MS);
      return null;
    }
    const entry: KeyEntry = {
      environmentId: row.environment_id,
      origin: key.startsWith("ser.") ? "server" : "client",
      expiresAt: row.expires_at,
    };
    if (known.size >= MAX_KNOWN) known.clear();
    if (generation === readAt) known.set(key, entry);
    return entry;
  };

  const fallBack = (key: string, error: unknown): KeyEntry => {
    const last = former.get(key);
    const isAway = isAppError(error, "database_unavailable") || isAppError(error, "database_busy");
    if (!last || !isAway) throw error;
    last.retryAt = now() + RETRY_MS;
    return last.entry;
  };

  return {
    find: (key) => {
      const entry = known.get(key);
      if (entry) return entry;
      const until = unknown.get(key);
      if (until !== undefined && until > now()) return null;
      // Databases differ in whether they can even be asked for it.
      if (key.includes("\0")) return null;
      const last = former.get(key);
      if (last && last.retryAt > now()) return last.entry;
      const readAt = generation;
      const row = db.lane.get<KeyRow>(key.startsWith("ser.") ? SERVER_KEY : CLIENT_KEY, [key]);
      if (!(row instanceof Promise)) return remember(key, row, readAt);
      return row.then(
        (found) => remember(key, found, readAt),
        (error: unknown) => fallBack(key, error),
      );
    },
    forget: (environmentIds) => {
      generation += 1;
      unknown.clear();
      for (const last of former.values()) last.retryAt = 0;
      if (former.size >= MAX_KNOWN) former.clear();
      for (const [key, entry] of known) {
        if (!environmentIds.has(entry.environmentId)) continue;
        known.delete(key);
        former.set(key, { entry, retryAt: 0 });
      }
    },
  };
}
