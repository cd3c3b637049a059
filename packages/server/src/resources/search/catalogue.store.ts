/** The traits of an environment, as the index of identities knows them and as people noted about them. */
import { type Kysely, sql } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

export interface TypeRow {
  readonly id: number;
  readonly key: string;
  readonly type: "string" | "number" | "boolean";
  readonly count: number;
  readonly first_seen_at: number;
  readonly last_seen_at: number;
}

export interface NoteRow {
  readonly key: string;
  readonly description: string | null;
  readonly is_personal: number;
}

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

/** In the order of the keys; those that somebody has, or that somebody noted something about. */
export async function listKeys(
  db: Database,
  environmentId: number,
  { q, after, limit }: { readonly q: string; readonly after: string | null; readonly limit: number },
): Promise<string[]> {
  const beyond = after === null ? sql`` : sql`and key > ${after}`;
  const like = q === "" ? sql`` : sql`and lower(key) like lower(${`%${escapeLike(q)}%`}) escape '\\'`;
  const { rows } = await sql<{ key: string }>`
    select key from trait_keys where environment_id = ${environmentId} and count > 0 ${beyond} ${like}
    union select key from trait_notes where environment_id = ${environmentId} ${beyond} ${like}
    order by key limit ${limit}`.execute(db);
  return rows.map(({ key }) => key);
}

export const listTypes = (db: Database, environmentId: number, keys: readonly string[]): Promise<TypeRow[]> =>
  db
    .selectFrom("trait_keys")
    .select(["id", "key", "type", "count", "first_seen_at", "last_seen_at"])
    .where("environment_id", "=", environmentId)
    .where("key", "in", [...keys, ""])
    .orderBy("count", "desc")
    .orderBy("type")
    .execute();

export const listNotes = (db: Database, environmentId: number, keys: readonly string[]): Promise<NoteRow[]> =>
  db
    .selectFrom("trait_notes")
    .select(["key", "description", "is_personal"])
    .where("environment_id", "=", environmentId)
    .where("key", "in", [...keys, ""])
    .execute();

export async function writeNote(db: Database, environmentId: number, note: NoteRow): Promise<void> {
  const { key, ...noted } = note;
  await db
    .insertInto("trait_notes")
    .values({ environment_id: environmentId, key, ...noted })
    .onConflict((conflict) => conflict.columns(["environment_id", "key"]).doUpdateSet(noted))
    .execute();
}

export interface ValueRow {
  readonly value: string | number;
  /** As far as `most`. */
  readonly count: number;
}

/**
 * Different values in their order, each found from the one before, so that a value that everybody has costs no more than one that
 * nobody else has.
 */
export async function listValues(
  db: Database,
  environmentId: number,
  { id, type }: Pick<TypeRow, "id" | "type">,
  { prefix, limit, most }: { readonly prefix: string; readonly limit: number; readonly most: number },
): Promise<ValueRow[]> {
  const table = sql.table(type === "string" ? "trait_texts" : "trait_numbers");
  const place = sql`environment_id = ${environmentId} and key_id = ${id}`;
  const within =
    type === "string" && prefix !== "" ? sql`and value >= ${prefix} and value < ${`${prefix}\u{10ffff}`}` : sql``;
  const { rows } = await sql<ValueRow>`
    with recursive found(value) as (
      select (select value from ${table} where ${place} ${within} order by value limit 1)
      union all
      select (select value from ${table} where ${place} ${within} and value > found.value order by value limit 1)
      from found where found.value is not null
    )
    select value, (select count(*) from
      (select 1 from ${table} as t where ${place} and t.value = found.value limit ${most}) as s) as count
    from found where value is not null limit ${limit}`.execute(db);
  return rows;
}

export const listSegmentRules = (db: Database, projectId: number) =>
  db
    .selectFrom("segments")
    .select(["id", "name", "rules"])
    .where("project_id", "=", projectId)
    .orderBy("name")
    .orderBy("id")
    .execute();
