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
  readonly expires_at: number | null;
  readonly is_expired: number;
}

export interface TraitMerge {
  readonly environmentId: number;
  readonly identifier: string;
  /** JSON object: what a new identity starts with. Looked at only where there is none yet. */
  readonly initial: string;
  /** JSON object: what is laid over an existing one; null members delete. */
  readonly patch: string;
  /** That it was seen today is noted already, and not written again: an index of days would be, too. */
  readonly isSeenNoted?: boolean;
}

export interface IdentitiesStore {
  find(environmentId: number, identifier: string): Awaitable<IdentityRow | undefined>;
  /** Expired ones too. */
  overrides(environmentId: number, identifier: string): Awaitable<OverrideRow[]>;
  /**
   * Creates or merges; resolves after the commit with the row as it then stands. `isKnown` says whether the identity was found
   * a moment ago; left out, it is looked for. Either way a call that raced is right, only slower.
   */
  merge(change: TraitMerge, isKnown?: boolean): Promise<IdentityRow>;
  /**
   * Lays `patch` over the traits of an identity that nobody has looked at, and says how it then stands. undefined = nothing was done: there
   * is none, or it has them already. Only where it is this thread that reads, and reads all pages anew after each commit: PostgreSQL reads
   * many at once elsewhere, and takes longer for the change.
   */
  readonly change:
    | ((environmentId: number, identifier: string, patch: string) => Promise<IdentityRow | undefined>)
    | undefined;
  /** Adds to a whole-number trait. undefined = nothing done: the trait is no integer or the sum leaves 32 bits. */
  increment(environmentId: number, identifier: string, key: string, by: number): Promise<IdentityRow | undefined>;
  /** Notes that the identity was seen today; not waited for by answers. */
  touch(environmentId: number, identifier: string): Promise<void>;
  today(): number;
  /** Milliseconds since 1970. */
  now(): number;
}

const COLUMNS = "id, traits, has_overrides, last_seen_day";
const DAY_MS = 86_400_000;

const FIND = `SELECT ${COLUMNS} FROM identities WHERE environment_id = ? AND identifier = ?`;
const OVERRIDES =
  "SELECT id, uuid, feature_id, enabled, value, hash_seed, variants, expires_at, is_expired FROM identity_overrides WHERE environment_id = ? AND identifier = ? ORDER BY id";
const TOUCH =
  "UPDATE identities SET last_seen_day = ? WHERE environment_id = ? AND identifier = ? AND last_seen_day < ?";
const INSERT = "INSERT INTO identities (environment_id, identifier, traits, has_overrides, created_at, last_seen_day)";

/** `onWrite` hears of every identity whose traits are written, after the commit. */
export function createIdentitiesStore(
  db: Db,
  now: () => number,
  onWrite: (environmentId: number, identifier: string) => void = () => {},
): IdentitiesStore {
  const { lane, capabilities } = db;
  const today = () => Math.floor(now() / DAY_MS);
  // An upsert takes an id from the counter even where the row exists, and ids have 32 bits: so known rows are updated.
  const where = "WHERE environment_id = ? AND identifier = ?";
  const conflict = "ON CONFLICT (environment_id, identifier) DO UPDATE SET";
  const traitsSet = `traits = ${capabilities.mergeTraits}`;
  const mergeSet = `${traitsSet}, last_seen_day`;
  const updateTraitsSql = `UPDATE identities SET ${traitsSet} ${where} RETURNING ${COLUMNS}`;
  const changeSql = `UPDATE identities SET ${traitsSet} ${where} AND ${capabilities.mergeTraits} IS DISTINCT FROM identities.traits RETURNING ${COLUMNS}`;
  const updateSql = `UPDATE identities SET ${mergeSet} = ? ${where} RETURNING ${COLUMNS}`;
  const upsertSql = `${INSERT} VALUES (?, ?, ?, 0, ?, ?) ${conflict} ${mergeSet} = excluded.last_seen_day RETURNING ${COLUMNS}`;
  const addSet = `traits = ${capabilities.incrementTrait}, last_seen_day`;
  const can = capabilities.canIncrementTrait;
  const addSql = `UPDATE identities SET ${addSet} = ? ${where} AND ${can} RETURNING ${COLUMNS}`;
  const addNewSql = `${INSERT} VALUES (?, ?, ?, 0, ?, ?) ${conflict} ${addSet} = excluded.last_seen_day WHERE ${can} RETURNING ${COLUMNS}`;

  const find = (environmentId: number, identifier: string) => lane.get<IdentityRow>(FIND, [environmentId, identifier]);
  const exists = async (environmentId: number, identifier: string): Promise<boolean> =>
    (await find(environmentId, identifier)) !== undefined;

  const update = async (change: TraitMerge): Promise<IdentityRow | undefined> => {
    const { environmentId, identifier, patch, isSeenNoted = false } = change;
    const [row] = isSeenNoted
      ? await lane.write<IdentityRow>(updateTraitsSql, [patch, environmentId, identifier])
      : await lane.write<IdentityRow>(updateSql, [patch, today(), environmentId, identifier]);
    if (row) onWrite(environmentId, identifier);
    return row;
  };

  const change = async (environmentId: number, identifier: string, patch: string): Promise<IdentityRow | undefined> => {
    const [row] = await lane.write<IdentityRow>(changeSql, [patch, environmentId, identifier, patch]);
    if (row) onWrite(environmentId, identifier);
    return row;
  };

  return {
    today,
    now,
    find,
    overrides: (environmentId, identifier) => lane.all<OverrideRow>(OVERRIDES, [environmentId, identifier]),
    merge: async (change, isKnown) => {
      const { environmentId, identifier, patch } = change;
      const updated = (isKnown ?? (await exists(environmentId, identifier))) ? await update(change) : undefined;
      if (updated) return updated;
      const { initial } = change;
      const parameters = [environmentId, identifier, initial, now(), today(), patch];
      const [row] = await lane.write<IdentityRow>(upsertSql, parameters);
      if (!row) throw new Error("an upsert answered no row");
      // An identity that is new and has no traits gets what an unknown one gets.
      if (initial !== "{}" || patch !== "{}") onWrite(environmentId, identifier);
      return row;
    },
    change: capabilities.localReads ? change : undefined,
    increment: async (environmentId, identifier, key, by) => {
      // Looked for before the update: one that another call creates in between is met by the upsert.
      if (await exists(environmentId, identifier)) {
        const parameters = [key, key, by, today(), environmentId, identifier, key, key, by];
        const [row] = await lane.write<IdentityRow>(addSql, parameters);
        if (row) onWrite(environmentId, identifier);
        if (row || (await exists(environmentId, identifier))) return row;
      }
      const initial = JSON.stringify({ [key]: by });
      const created = [environmentId, identifier, initial, now(), today(), key, key, by, key, key, by];
      const [made] = await lane.write<IdentityRow>(addNewSql, created);
      if (made) onWrite(environmentId, identifier);
      return made;
    },
    touch: async (environmentId, identifier) => {
      const day = today();
      await lane.write(TOUCH, [day, environmentId, identifier, day]);
    },
  };
}
