/** Identities and traits as the admin side reads and writes them. Every query carries the environment. */
import { type Kysely, type Selectable, sql } from "kysely";
import type { Db } from "../../db/database.ts";
import type { IdentitiesTable, Tables } from "../../db/tables.ts";

export type Database = Kysely<Tables>;
export type AdminIdentity = Selectable<IdentitiesTable>;

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

/** Until the transaction ends nobody else writes it: not the application either. */
export function lockIdentity(
  { capabilities }: Db,
  trx: Database,
  environmentId: number,
  identifier: string,
): Promise<AdminIdentity | undefined> {
  const query = trx
    .selectFrom("identities")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("identifier", "=", identifier);
  // A store for one process has one writer: the transaction is the lock.
  return (capabilities.multiNode ? query.forNoKeyUpdate() : query).executeTakeFirst();
}

const newIdentity = (environmentId: number, identifier: string, now: number) => ({
  environment_id: environmentId,
  identifier,
  traits: "{}",
  has_overrides: 0,
  created_at: now,
  last_seen_day: Math.floor(now / 86_400_000),
});

/** undefined where somebody else has made it meanwhile. */
export const insertMissingIdentity = (db: Database, environmentId: number, identifier: string, now: number) =>
  db
    .insertInto("identities")
    .values(newIdentity(environmentId, identifier, now))
    .onConflict((conflict) => conflict.columns(["environment_id", "identifier"]).doNothing())
    .returningAll()
    .executeTakeFirst();

export const insertIdentity = (db: Database, environmentId: number, identifier: string, now: number) =>
  db
    .insertInto("identities")
    .values(newIdentity(environmentId, identifier, now))
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
