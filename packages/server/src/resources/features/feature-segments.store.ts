/** Which segments override which features, and in which order. Priorities of one feature in one environment are never shared. */
import type { Kysely, Selectable } from "kysely";
import type { FeatureSegmentsTable, Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
export type FeatureSegmentRow = Selectable<FeatureSegmentsTable>;

const joined = (db: Database) =>
  db
    .selectFrom("feature_segments as fs")
    .innerJoin("segments as s", "s.id", "fs.segment_id")
    .selectAll("fs")
    .select(["s.name as segment_name", "s.feature_id as segment_feature_id"]);

export type NamedFeatureSegment = FeatureSegmentRow & {
  readonly segment_name: string;
  readonly segment_feature_id: number | null;
};

/** In their order. */
export const listFeatureSegments = (
  db: Database,
  environmentId: number,
  featureId: number,
): Promise<NamedFeatureSegment[]> =>
  joined(db)
    .where("fs.environment_id", "=", environmentId)
    .where("fs.feature_id", "=", featureId)
    .orderBy("fs.priority")
    .orderBy("fs.id")
    .execute();

export const findFeatureSegment = (db: Database, id: number): Promise<NamedFeatureSegment | undefined> =>
  joined(db).where("fs.id", "=", id).executeTakeFirst();

export const findFeatureSegmentByUuid = (db: Database, uuid: string): Promise<NamedFeatureSegment | undefined> =>
  joined(db).where("fs.uuid", "=", uuid).executeTakeFirst();

export async function findFeatureSegments(db: Database, ids: readonly number[]): Promise<NamedFeatureSegment[]> {
  return ids.length === 0
    ? []
    : joined(db)
        .where("fs.id", "in", [...ids])
        .execute();
}

export async function countOverrides(db: Database, environmentId: number): Promise<number> {
  const { rows } = await db
    .selectFrom("feature_segments")
    .where("environment_id", "=", environmentId)
    .select((e) => e.fn.countAll<number | string>().as("rows"))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

export const insertFeatureSegment = (
  db: Database,
  row: Omit<FeatureSegmentRow, "id" | "uuid">,
): Promise<FeatureSegmentRow> =>
  db
    .insertInto("feature_segments")
    .values({ uuid: crypto.randomUUID(), ...row })
    .returningAll()
    .executeTakeFirstOrThrow();

export async function setPriority(db: Database, id: number, priority: number): Promise<void> {
  await db.updateTable("feature_segments").set({ priority }).where("id", "=", id).execute();
}

/** Its state goes along. */
export async function deleteFeatureSegment(db: Database, id: number): Promise<void> {
  await db.deleteFrom("feature_segments").where("id", "=", id).execute();
}

export const findSegment = (db: Database, projectId: number, id: number) =>
  db
    .selectFrom("segments")
    .select(["id", "name", "feature_id"])
    .where("project_id", "=", projectId)
    .where("id", "=", id)
    .executeTakeFirst();

export async function segmentsAmong(db: Database, projectId: number, ids: readonly number[]) {
  if (ids.length === 0) return new Map<number, { id: number; name: string; feature_id: number | null }>();
  const rows = await db
    .selectFrom("segments")
    .select(["id", "name", "feature_id"])
    .where("project_id", "=", projectId)
    .where("id", "in", [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}
