/** Overrides of identities as the admin side reads and writes them. Every query carries the environment. */
import { type Kysely, type Selectable, sql } from "kysely";
import type { IdentitiesTable, IdentityOverridesTable, Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
type Identity = Pick<Selectable<IdentitiesTable>, "environment_id" | "identifier">;
export type OverrideRecord = Selectable<IdentityOverridesTable>;

/** The oldest first; expired ones too. */
export const listOverrides = (db: Database, { environment_id, identifier }: Identity, featureId?: number) => {
  const query = db
    .selectFrom("identity_overrides")
    .selectAll()
    .where("environment_id", "=", environment_id)
    .where("identifier", "=", identifier)
    .orderBy("id");
  return (featureId === undefined ? query : query.where("feature_id", "=", featureId)).execute();
};

export const findOverride = (db: Database, { environment_id, identifier }: Identity, id: number) =>
  db
    .selectFrom("identity_overrides")
    .selectAll()
    .where("environment_id", "=", environment_id)
    .where("identifier", "=", identifier)
    .where("id", "=", id)
    .executeTakeFirst();

/** Those that apply. */
export async function countOverrides(db: Database, identity: Identity, now: number): Promise<number> {
  const { count } = await db
    .selectFrom("identity_overrides")
    .select((e) => e.fn.countAll<number | string>().as("count"))
    .where("environment_id", "=", identity.environment_id)
    .where("identifier", "=", identity.identifier)
    .where("is_expired", "=", 0)
    .where((where) => where.or([where("expires_at", "is", null), where("expires_at", ">", now)]))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export interface OverrideValues {
  readonly enabled: boolean;
  /** A JSON scalar. */
  readonly value: string;
  readonly variants: readonly { readonly option_id: number; readonly percentage_allocation: number }[];
  readonly reason: string | null;
  /** Milliseconds since 1970; null = it stays. */
  readonly expires_at: number | null;
}

export interface Written {
  /** The actor: "user:12". */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What is laid down of it; an end that has come already needs no announcement, since the change itself is one. */
const columnsOf = ({ enabled, value, variants, reason, expires_at }: OverrideValues, { by, now }: Written) => ({
  enabled: enabled ? 1 : 0,
  value,
  variants: JSON.stringify(variants.map((variant, i) => ({ id: i + 1, uuid: crypto.randomUUID(), ...variant }))),
  reason,
  expires_at,
  is_expired: expires_at !== null && expires_at <= now ? 1 : 0,
  updated_by: by,
  updated_at: now,
});

/** What an override is known by, and what decides which variant it gives. */
export interface OverrideSeed {
  readonly uuid: string;
  readonly hash_seed: string;
}

function newSeed(): OverrideSeed {
  const uuid = crypto.randomUUID();
  return { uuid, hash_seed: uuid };
}

export async function insertOverride(
  db: Database,
  identity: Identity,
  featureId: number,
  values: OverrideValues,
  written: Written,
  seed = newSeed(),
): Promise<OverrideRecord> {
  const { environment_id, identifier } = identity;
  const row = await db
    .insertInto("identity_overrides")
    .values({
      environment_id,
      identifier,
      feature_id: featureId,
      ...seed,
      ...columnsOf(values, written),
      created_at: written.now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await setHasOverrides(db, identity);
  return row;
}

export async function updateOverride(
  db: Database,
  { environment_id, identifier, feature_id }: OverrideRecord,
  values: OverrideValues,
  written: Written,
): Promise<OverrideRecord> {
  return db
    .updateTable("identity_overrides")
    .set(columnsOf(values, written))
    .where("environment_id", "=", environment_id)
    .where("identifier", "=", identifier)
    .where("feature_id", "=", feature_id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function deleteOverride(db: Database, identity: Identity, id: number): Promise<void> {
  await db
    .deleteFrom("identity_overrides")
    .where("environment_id", "=", identity.environment_id)
    .where("identifier", "=", identity.identifier)
    .where("id", "=", id)
    .execute();
  await setHasOverrides(db, identity);
}

/** The hot path's hint; wrong for an instant would be a lost override, so it changes with the rows it speaks of. */
async function setHasOverrides(db: Database, { environment_id, identifier }: Identity): Promise<void> {
  await sql`update identities set has_overrides = case when exists (
      select 1 from identity_overrides o
      where o.environment_id = ${environment_id} and o.identifier = ${identifier}) then 1 else 0 end
    where environment_id = ${environment_id} and identifier = ${identifier}`.execute(db);
}

export interface Option {
  readonly id: number;
  readonly key: string | null;
  /** A JSON scalar. */
  readonly value: string;
}

export const listOptions = (db: Database, featureId: number): Promise<Option[]> =>
  db
    .selectFrom("multivariate_options")
    .select(["id", "key", "value"])
    .where("feature_id", "=", featureId)
    .orderBy("id")
    .execute();

export const optionIds = async (db: Database, featureId: number): Promise<Set<number>> =>
  new Set((await listOptions(db, featureId)).map((row) => row.id));

export interface OverriddenFeature {
  readonly id: number;
  readonly name: string;
  readonly type: string;
}

export const findFeature = (db: Database, projectId: number, id: number): Promise<OverriddenFeature | undefined> =>
  db
    .selectFrom("features")
    .select(["id", "name", "type"])
    .where("project_id", "=", projectId)
    .where("id", "=", id)
    .executeTakeFirst();

/** By its number where `reference` is digits alone, else by its name in any case. */
export function findFeatureBy(
  db: Database,
  projectId: number,
  reference: string,
): Promise<OverriddenFeature | undefined> {
  // Databases differ in whether they can be asked for it.
  if (reference.includes("\0") || !reference.isWellFormed()) return Promise.resolve(undefined);
  if (/^\d{1,10}$/.test(reference)) {
    const id = Number(reference);
    return id > 2_147_483_647 ? Promise.resolve(undefined) : findFeature(db, projectId, id);
  }
  return db
    .selectFrom("features")
    .select(["id", "name", "type"])
    .where("project_id", "=", projectId)
    .where("name_key", "=", reference.toLowerCase())
    .executeTakeFirst();
}

export interface DefaultState {
  readonly enabled: number;
  readonly value: string;
  readonly hash_seed: string;
  readonly variants: OverrideValues["variants"];
}

/** What everybody gets, whom no segment's override reaches. */
export async function findDefault(
  db: Database,
  environmentId: number,
  featureId: number,
): Promise<DefaultState | undefined> {
  const state = await db
    .selectFrom("feature_states")
    .select(["id", "enabled", "value", "hash_seed"])
    .where("environment_id", "=", environmentId)
    .where("feature_id", "=", featureId)
    .where("feature_segment_id", "is", null)
    .executeTakeFirst();
  if (!state) return undefined;
  const shares = await db
    .selectFrom("multivariate_state_values")
    .select(["multivariate_option_id as option_id", "percentage_allocation"])
    .where("feature_state_id", "=", state.id)
    .orderBy("id")
    .execute();
  return { enabled: state.enabled, value: state.value, hash_seed: state.hash_seed, variants: shares };
}
