/**
 * Identities by (environment, identifier). A merge is one statement, so concurrent calls never lose one another's traits,
 * and creating is the same statement, so an identity is created once however many calls race.
 */
import type { Awaitable, Db } from "../../db/database.ts";

export interface IdentityRow {
  readonly id: number;
  /** JSON object. */
  readonly traits: string;
  readonly has_overrides: number;
  readonly last_seen_day: number;
}

export interface OverrideRow {
  readonly id: number;
  readonly uuid: string;
  readonly feature_id: number;
  readonly enabled: number;
  readonly value: string;
  readonly hash_seed: string;
  readonly variants: string;
}

export interface TraitMerge {
  readonly environmentId: number;
  readonly identifier: string;
  /** JSON object: what a new identity starts with. */
  readonly initial: string;
  /** JSON object: what is laid over an existing one; null members delete. */
  readonly patch: string;
}

export interface IdentitiesStore {
  find(environmentId: number, identifier: string): Awaitable<IdentityRow | undefined>;
  overrides(environmentId: number, identifier: string): Awaitable<OverrideRow[]>;
  /** Creates or merges; resolves after the commit with the row as it then stands. */
  merge(change: TraitMerge): Promise<IdentityRow>;
  /** Adds to a whole-number trait. undefined = nothing done: the trait is no integer or the sum leaves 32 bits. */
  increment(environmentId: number, identifier: string, key: string, by: number): Promise<IdentityRow | undefined>;
  /** Notes that the identity was seen today; not waited for by answers. */
  touch(environmentId: number, identifier: string): Promise<void>;
  today(): number;
}

const COLUMNS = "id, traits, has_overrides, last_seen_day";
const DAY_MS = 86_400_000;

const FIND = `SELECT ${COLUMNS} FROM identities WHERE environment_id = ? AND identifier = ?`;
const OVERRIDES =
  "SELECT id, uuid, feature_id, enabled, value, hash_seed, variants FROM identity_overrides WHERE environment_id = ? AND identifier = ? ORDER BY id";
const TOUCH =
  "UPDATE identities SET last_seen_day = ? WHERE environment_id = ? AND identifier = ? AND last_seen_day < ?";
const INSERT = "INSERT INTO identities (environment_id, identifier, traits, has_overrides, created_at, last_seen_day)";

export function createIdentitiesStore(db: Db, now: () => number): IdentitiesStore {
  const { lane, capabilities } = db;
  const today = () => Math.floor(now() / DAY_MS);
  const mergeSql = `${INSERT} VALUES (?, ?, ?, 0, ?, ?) ON CONFLICT (environment_id, identifier) DO UPDATE SET traits = ${capabilities.mergeTraits}, last_seen_day = excluded.last_seen_day RETURNING ${COLUMNS}`;
  const incrementSql = `${INSERT} VALUES (?, ?, ?, 0, ?, ?) ON CONFLICT (environment_id, identifier) DO UPDATE SET traits = ${capabilities.incrementTrait}, last_seen_day = excluded.last_seen_day WHERE ${capabilities.canIncrementTrait} RETURNING ${COLUMNS}`;

  return {
    today,
    find: (environmentId, identifier) => lane.get<IdentityRow>(FIND, [environmentId, identifier]),
    overrides: (environmentId, identifier) => lane.all<OverrideRow>(OVERRIDES, [environmentId, identifier]),
    merge: async ({ environmentId, identifier, initial, patch }) => {
      const [row] = await lane.write<IdentityRow>(mergeSql, [
        environmentId,
        identifier,
        initial,
        now(),
        today(),
        patch,
      ]);
      if (!row) throw new Error("an upsert answered no row");
      return row;
    },
    increment: async (environmentId, identifier, key, by) => {
      const initial = JSON.stringify({ [key]: by });
      const parameters = [environmentId, identifier, initial, now(), today(), key, key, by, key, key, by];
      const [row] = await lane.write<IdentityRow>(incrementSql, parameters);
      return row;
    },
    touch: async (environmentId, identifier) => {
      const day = today();
      await lane.write(TOUCH, [day, environmentId, identifier, day]);
    },
  };
}
