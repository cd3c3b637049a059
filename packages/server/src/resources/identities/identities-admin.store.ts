/** Identities, traits and overrides as the admin side reads and writes them. Every query carries the environment. */
import { type Kysely, type Selectable, sql } from "kysely";
import type { IdentitiesTable, IdentityOverridesTable, Tables } from "../../db/tables.ts";

export type Database = Kysely<Tables>;
export type AdminIdentity = Selectable<IdentitiesTable>;
export type OverrideRecord = Selectable<IdentityOverridesTable>;

export interface IdentitySearch {
  readonly environmentId: number;
  /** In double quotes: exactly this; else anywhere in the identifier, whatever the case. */
  readonly query: string;
  readonly offset: number;
  readonly limit: number;
}

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

/** Quotes inside an exact query are part of the identifier: only the outer pair is taken off. */
function matching(query: string) {
  if (query === "") return sql<boolean>`1 = 1`;
  const exact = /^"(.*)"$/s.exec(query)?.[1];
  if (exact !== undefined) return sql<boolean>`identifier = ${exact}`;
  return sql<boolean>`lower(identifier) like lower(${`%${escapeLike(query)}%`}) escape '\\'`;
}

export async function searchIdentities(db: Database, { environmentId, query, offset, limit }: IdentitySearch) {
  const base = db.selectFrom("identities").where("environment_id", "=", environmentId).where(matching(query));
  const { count } = await base.select((e) => e.fn.countAll<number | string>().as("count")).executeTakeFirstOrThrow();
  // Ids grow with creation, so this is the order of creation, with no two alike.
  const rows = await base.selectAll().orderBy("id").offset(offset).limit(limit).execute();
  return { count: Number(count), rows };
}

export const findIdentity = (db: Database, environmentId: number, id: number): Promise<AdminIdentity | undefined> =>
  db
    .selectFrom("identities")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();

export const findByIdentifier = (db: Database, environmentId: number, identifier: string) =>
  db
    .selectFrom("identities")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("identifier", "=", identifier)
    .executeTakeFirst();

export const insertIdentity = (db: Database, environmentId: number, identifier: string, now: number) =>
  db
    .insertInto("identities")
    .values({
      environment_id: environmentId,
      identifier,
      traits: "{}",
      has_overrides: 0,
      created_at: now,
      last_seen_day: Math.floor(now / 86_400_000),
    })
    .returningAll()
    .executeTakeFirstOrThrow();

export async function renameIdentity(
  db: Database,
  { environment_id, identifier }: AdminIdentity,
  to: string,
): Promise<void> {
  for (const table of ["identities", "identity_overrides"] as const) {
    await db
      .updateTable(table as "identities")
      .set({ identifier: to })
      .where("environment_id", "=", environment_id)
      .where("identifier", "=", identifier)
      .execute();
  }
}

export async function deleteIdentity(db: Database, { environment_id, identifier }: AdminIdentity): Promise<void> {
  for (const table of ["identity_overrides", "identities"] as const) {
    await db
      .deleteFrom(table as "identities")
      .where("environment_id", "=", environment_id)
      .where("identifier", "=", identifier)
      .execute();
  }
}

/** Lays `patch` (a JSON object, null deletes) over the traits, in SQL, so that a call of the application loses nothing. */
export async function mergeTraits(
  db: Database,
  { environment_id, identifier }: AdminIdentity,
  mergeSql: string,
  patch: string,
): Promise<string> {
  const [before, after = ""] = mergeSql.split("?");
  const merged = sql<string>`${sql.raw(before ?? "")}${patch}${sql.raw(after)}`;
  const { rows } = await sql<{ traits: unknown }>`
    update identities set traits = ${merged}
    where environment_id = ${environment_id} and identifier = ${identifier} returning traits`.execute(db);
  const traits = rows[0]?.traits ?? "{}";
  return typeof traits === "string" ? traits : JSON.stringify(traits);
}

const MAX_TRAIT_KEYS = 10_000;

export async function listTraitKeys(db: Database, environmentId: number, eachTrait: string): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select distinct trait.key as key from identities, ${sql.raw(eachTrait)}(identities.traits) as trait
    where identities.environment_id = ${environmentId} order by 1 limit ${MAX_TRAIT_KEYS}`.execute(db);
  return rows.map((row) => row.key);
}

export const listOverrides = (db: Database, { environment_id, identifier }: AdminIdentity, featureId?: number) => {
  const query = db
    .selectFrom("identity_overrides")
    .selectAll()
    .where("environment_id", "=", environment_id)
    .where("identifier", "=", identifier)
    .orderBy("id");
  return (featureId === undefined ? query : query.where("feature_id", "=", featureId)).execute();
};

export const findOverride = (db: Database, { environment_id, identifier }: AdminIdentity, id: number) =>
  db
    .selectFrom("identity_overrides")
    .selectAll()
    .where("environment_id", "=", environment_id)
    .where("identifier", "=", identifier)
    .where("id", "=", id)
    .executeTakeFirst();

export interface OverrideValues {
  readonly enabled: boolean;
  /** A JSON scalar. */
  readonly value: string;
  readonly variants: readonly { readonly option_id: number; readonly percentage_allocation: number }[];
}

const writeVariants = (variants: OverrideValues["variants"]): string =>
  JSON.stringify(variants.map((variant, i) => ({ id: i + 1, uuid: crypto.randomUUID(), ...variant })));

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
  identity: AdminIdentity,
  featureId: number,
  { enabled, value, variants }: OverrideValues,
  now: number,
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
      enabled: enabled ? 1 : 0,
      value,
      variants: writeVariants(variants),
      created_at: now,
      updated_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await setHasOverrides(db, identity);
  return row;
}

export async function updateOverride(
  db: Database,
  { environment_id, identifier, feature_id }: OverrideRecord,
  { enabled, value, variants }: OverrideValues,
  now: number,
): Promise<OverrideRecord> {
  return db
    .updateTable("identity_overrides")
    .set({ enabled: enabled ? 1 : 0, value, variants: writeVariants(variants), updated_at: now })
    .where("environment_id", "=", environment_id)
    .where("identifier", "=", identifier)
    .where("feature_id", "=", feature_id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function deleteOverride(db: Database, identity: AdminIdentity, id: number): Promise<void> {
  await db
    .deleteFrom("identity_overrides")
    .where("environment_id", "=", identity.environment_id)
    .where("identifier", "=", identity.identifier)
    .where("id", "=", id)
    .execute();
  await setHasOverrides(db, identity);
}

/** The hot path's hint; wrong for an instant would be a lost override, so it changes with the rows it speaks of. */
async function setHasOverrides(db: Database, { environment_id, identifier }: AdminIdentity): Promise<void> {
  await sql`update identities set has_overrides = case when exists (
      select 1 from identity_overrides o
      where o.environment_id = ${environment_id} and o.identifier = ${identifier}) then 1 else 0 end
    where environment_id = ${environment_id} and identifier = ${identifier}`.execute(db);
}

export const optionIds = async (db: Database, featureId: number): Promise<Set<number>> => {
  const rows = await db.selectFrom("multivariate_options").select("id").where("feature_id", "=", featureId).execute();
  return new Set(rows.map((row) => row.id));
};

export const findFeature = (db: Database, projectId: number, id: number) =>
  db
    .selectFrom("features")
    .select(["id", "name"])
    .where("project_id", "=", projectId)
    .where("id", "=", id)
    .executeTakeFirst();
