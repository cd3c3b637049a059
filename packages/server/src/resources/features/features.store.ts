/** Features: rows, what hangs on them, and what goes with them. */
import { type Kysely, type Selectable, sql } from "kysely";
import type { FeaturesTable, ProjectsTable, Tables } from "../../db/tables.ts";

export type Database = Kysely<Tables>;
export type FeatureRow = Selectable<FeaturesTable>;
export type ProjectRow = Selectable<ProjectsTable>;
export type FeatureColumns = Partial<Omit<FeatureRow, "id" | "uuid" | "project_id" | "created_at">>;

export const findFeature = (db: Database, projectId: number, id: number): Promise<FeatureRow | undefined> =>
  db.selectFrom("features").selectAll().where("project_id", "=", projectId).where("id", "=", id).executeTakeFirst();

export const findByUuid = (db: Database, uuid: string): Promise<FeatureRow | undefined> =>
  db.selectFrom("features").selectAll().where("uuid", "=", uuid).executeTakeFirst();

export const findByName = (db: Database, projectId: number, nameKey: string): Promise<{ id: number } | undefined> =>
  db
    .selectFrom("features")
    .select("id")
    .where("project_id", "=", projectId)
    .where("name_key", "=", nameKey)
    .executeTakeFirst();

export async function countFeatures(db: Database, projectId: number): Promise<number> {
  const { rows } = await db
    .selectFrom("features")
    .where("project_id", "=", projectId)
    .select((e) => e.fn.countAll<number | string>().as("rows"))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

export const insertFeature = (
  db: Database,
  columns: FeatureColumns & Pick<FeatureRow, "name" | "name_key" | "project_id">,
  now: number,
): Promise<FeatureRow> =>
  db
    .insertInto("features")
    .values({
      uuid: crypto.randomUUID(),
      type: "STANDARD",
      default_enabled: 0,
      is_archived: 0,
      is_server_key_only: 0,
      created_at: now,
      ...columns,
    })
    .returningAll()
    .executeTakeFirstOrThrow();

export const updateFeature = (db: Database, id: number, columns: FeatureColumns): Promise<FeatureRow> =>
  db.updateTable("features").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

export async function environmentIds(db: Database, projectId: number): Promise<number[]> {
  const rows = await db
    .selectFrom("environments")
    .select("id")
    .where("project_id", "=", projectId)
    .orderBy("id")
    .execute();
  return rows.map((row) => row.id);
}

/** Overrides and usage name the feature by number, without a reference that would take them along. */
async function deleteTraces(db: Database, projectId: number, featureId: number): Promise<void> {
  const environments = db.selectFrom("environments").select("id").where("project_id", "=", projectId);
  // The hot path looks for overrides only where this says so; left at 1 it would cost a query for nothing.
  await sql`update identities set has_overrides = 0
    where environment_id in (select id from environments where project_id = ${projectId}) and has_overrides = 1
    and exists (select 1 from identity_overrides o where o.environment_id = identities.environment_id
      and o.identifier = identities.identifier and o.feature_id = ${featureId})
    and not exists (select 1 from identity_overrides o where o.environment_id = identities.environment_id
      and o.identifier = identities.identifier and o.feature_id <> ${featureId})`.execute(db);
  for (const table of ["identity_overrides", "feature_usage"] as const) {
    await db
      .deleteFrom(table as "identity_overrides")
      .where("environment_id", "in", environments)
      .where("feature_id", "=", featureId)
      .execute();
  }
}

/** Its states, variants, segments of its own, overrides and usage go along. */
export async function deleteFeature(db: Database, { id, project_id }: FeatureRow): Promise<void> {
  await deleteTraces(db, project_id, id);
  await db.deleteFrom("features").where("id", "=", id).execute();
}

export async function foreignTags(db: Database, projectId: number, ids: readonly number[]): Promise<number[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("tags")
    .select("id")
    .where("project_id", "=", projectId)
    .where("id", "in", [...ids])
    .execute();
  const own = new Set(rows.map((row) => row.id));
  return ids.filter((id) => !own.has(id));
}

export const tagsOf = async (db: Database, featureId: number): Promise<number[]> =>
  (
    await db.selectFrom("feature_tags").select("tag_id").where("feature_id", "=", featureId).orderBy("tag_id").execute()
  ).map((row) => row.tag_id);

export async function setTags(db: Database, featureId: number, ids: readonly number[]): Promise<void> {
  await db.deleteFrom("feature_tags").where("feature_id", "=", featureId).execute();
  const rows = [...new Set(ids)].map((tag_id) => ({ feature_id: featureId, tag_id }));
  if (rows.length > 0) await db.insertInto("feature_tags").values(rows).execute();
}
