/** A feature with everything that goes with it, row by row, for putting it back as it was: numbers, hash seeds and order included. */
import { type Kysely, sql } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
export type KeptRow = Readonly<Record<string, string | number | null>>;

/** In an order in which each refers to earlier ones only. */
export const keptTables = [
  "features",
  "segments",
  "multivariate_options",
  "feature_segments",
  "feature_states",
  "multivariate_state_values",
  "feature_tags",
  "feature_owners",
  "feature_group_owners",
  "identity_overrides",
] as const;
export type KeptTable = (typeof keptTables)[number];
export type KeptRows = Readonly<Record<KeptTable, readonly KeptRow[]>>;

function rowsOf(db: Database, table: KeptTable, projectId: number, featureId: number, limit: number) {
  // One type for all of these tables: rows are carried, not looked into.
  const all = db
    .selectFrom(table as "feature_states")
    .selectAll()
    .limit(limit);
  if (table === "features") return all.where("id", "=", featureId).execute();
  if (table === "multivariate_state_values") {
    const options = db.selectFrom("multivariate_options").select("id").where("feature_id", "=", featureId);
    return all.where(sql.ref<number>("multivariate_option_id"), "in", options).execute();
  }
  const own = all.where("feature_id", "=", featureId);
  if (table !== "identity_overrides") return own.execute();
  const environments = db.selectFrom("environments").select("id").where("project_id", "=", projectId);
  return own.where("environment_id", "in", environments).execute();
}

/** undefined where that is more than `limit` rows in all. */
export async function readKept(
  db: Database,
  projectId: number,
  featureId: number,
  limit: number,
): Promise<KeptRows | undefined> {
  const kept: [KeptTable, readonly KeptRow[]][] = [];
  let left = limit;
  for (const table of keptTables) {
    const rows = await rowsOf(db, table, projectId, featureId, left + 1);
    left -= rows.length;
    if (left < 0) return undefined;
    // Read as rows of one table for all, see above: what they hold is only carried.
    kept.push([table, rows as unknown as KeptRow[]]);
  }
  // Every table has been pushed once, which the compiler does not count.
  return Object.fromEntries(kept) as unknown as KeptRows;
}

const PART = 200;

export async function insertKept(db: Database, table: KeptTable, rows: readonly KeptRow[]): Promise<void> {
  for (let start = 0; start < rows.length; start += PART) {
    // As they were read.
    const part = rows.slice(start, start + PART) as never;
    await db.insertInto(table).values(part).execute();
  }
}

/** Of these segments, those of the project. */
export async function segmentsAmong(db: Database, projectId: number, ids: readonly number[]): Promise<Set<number>> {
  const all = db.selectFrom("segments").select("id").where("project_id", "=", projectId);
  return new Set((await all.where("id", "in", [0, ...ids]).execute()).map((row) => row.id));
}

/** Of these identities' overrides, those whose identity is still there; and says so where they are looked up. */
export async function keepIdentities(db: Database, rows: readonly KeptRow[]): Promise<KeptRow[]> {
  const there: KeptRow[] = [];
  for (const row of rows) {
    const { numUpdatedRows } = await db
      .updateTable("identities")
      .set({ has_overrides: 1 })
      .where("environment_id", "=", Number(row["environment_id"]))
      .where("identifier", "=", String(row["identifier"]))
      .executeTakeFirstOrThrow();
    if (numUpdatedRows > 0n) there.push(row);
  }
  return there;
}
