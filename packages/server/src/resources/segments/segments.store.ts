/** Segments of a project. Every query carries the project. */
import { type Kysely, type Selectable, type SqlBool, sql } from "kysely";
import type { SegmentsTable, Tables } from "../../db/tables.ts";

export type Database = Kysely<Tables>;
export type SegmentRow = Selectable<SegmentsTable>;
export type SegmentColumns = Partial<Pick<SegmentRow, "name" | "description" | "feature_id" | "rules">>;

export interface SegmentFilter {
  readonly projectId: number;
  readonly search?: string | undefined;
  readonly featureSpecific: boolean;
  /** Only these. */
  readonly ids?: readonly number[] | undefined;
}

const likeAnywhere = (text: string): string => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

export async function listSegments(db: Database, filter: SegmentFilter, offset: number, limit: number) {
  let base = db.selectFrom("segments").where("project_id", "=", filter.projectId);
  if (filter.search) {
    const pattern = likeAnywhere(filter.search);
    base = base.where(
      sql<SqlBool>`(name like ${pattern} escape '\\' or lower(name) like ${pattern.toLowerCase()} escape '\\')`,
    );
  }
  if (!filter.featureSpecific) base = base.where("feature_id", "is", null);
  if (filter.ids) base = base.where("id", "in", [...filter.ids, -1]);
  const { count } = await base.select((e) => e.fn.countAll<number | string>().as("count")).executeTakeFirstOrThrow();
  const rows = await base.selectAll().orderBy("id").offset(offset).limit(limit).execute();
  return { count: Number(count), rows };
}

export const findSegment = (db: Database, projectId: number, id: number): Promise<SegmentRow | undefined> =>
  db.selectFrom("segments").selectAll().where("project_id", "=", projectId).where("id", "=", id).executeTakeFirst();

export const findByUuid = (db: Database, uuid: string): Promise<SegmentRow | undefined> =>
  db.selectFrom("segments").selectAll().where("uuid", "=", uuid).executeTakeFirst();

export const findFeature = (db: Database, projectId: number, id: number): Promise<{ id: number } | undefined> =>
  db.selectFrom("features").select("id").where("project_id", "=", projectId).where("id", "=", id).executeTakeFirst();

export async function countSegments(db: Database, projectId: number): Promise<number> {
  const { rows } = await db
    .selectFrom("segments")
    .where("project_id", "=", projectId)
    .select((e) => e.fn.countAll<number | string>().as("rows"))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

export const insertSegment = (
  db: Database,
  projectId: number,
  columns: Required<SegmentColumns> & Partial<Pick<SegmentRow, "id" | "uuid">>,
  now: number,
): Promise<SegmentRow> =>
  db
    .insertInto("segments")
    .values({ uuid: crypto.randomUUID(), project_id: projectId, created_at: now, updated_at: now, ...columns })
    .returningAll()
    .executeTakeFirstOrThrow();

export const updateSegment = (
  db: Database,
  row: SegmentRow,
  columns: SegmentColumns,
  now: number,
): Promise<SegmentRow> =>
  db
    .updateTable("segments")
    .set({ ...columns, updated_at: now, version: row.version + 1 })
    .where("id", "=", row.id)
    .returningAll()
    .executeTakeFirstOrThrow();

/** Its overrides go along. */
export async function deleteSegment(db: Database, id: number): Promise<void> {
  await db.deleteFrom("segments").where("id", "=", id).execute();
}

export async function countOverridesOf(db: Database, segmentId: number): Promise<number> {
  const { rows } = await db
    .selectFrom("feature_segments")
    .where("segment_id", "=", segmentId)
    .select((e) => e.fn.countAll<number | string>().as("rows"))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

export async function countOverridesIn(db: Database, environmentId: number): Promise<number> {
  const { rows } = await db
    .selectFrom("feature_segments")
    .where("environment_id", "=", environmentId)
    .select((e) => e.fn.countAll<number | string>().as("rows"))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

/** Features other than `featureId` that the segment overrides anywhere. */
export async function overridesOthers(db: Database, segmentId: number, featureId: number): Promise<boolean> {
  const row = await db
    .selectFrom("feature_segments")
    .select("id")
    .where("segment_id", "=", segmentId)
    .where("feature_id", "<>", featureId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The orders that the segment's overrides leave a gap in. */
export async function priorityGaps(db: Database, segmentId: number): Promise<void> {
  await sql`update feature_segments set priority = priority - 1 where exists (
      select 1 from feature_segments gone where gone.segment_id = ${segmentId}
      and gone.feature_id = feature_segments.feature_id and gone.environment_id = feature_segments.environment_id
      and gone.priority < feature_segments.priority)`.execute(db);
}

export async function listAssociated(
  db: Database,
  segmentId: number,
  environmentIds: readonly number[],
  offset: number,
  limit: number,
) {
  const base = db
    .selectFrom("feature_states as s")
    .innerJoin("feature_segments as fs", "fs.id", "s.feature_segment_id")
    .where("fs.segment_id", "=", segmentId)
    .where("s.environment_id", "in", [...environmentIds, -1]);
  const { count } = await base.select((e) => e.fn.countAll<number | string>().as("count")).executeTakeFirstOrThrow();
  const rows = await base
    .select(["s.id", "s.feature_id", "s.environment_id"])
    .orderBy("s.id")
    .offset(offset)
    .limit(limit)
    .execute();
  return { count: Number(count), rows };
}

/** An identity of one of the project's environments. */
export const findIdentity = (db: Database, projectId: number, id: number) =>
  db
    .selectFrom("identities as i")
    .innerJoin("environments as e", "e.id", "i.environment_id")
    .where("e.project_id", "=", projectId)
    .where("i.id", "=", id)
    .select(["i.id", "i.environment_id", "i.identifier", "i.traits"])
    .executeTakeFirst();
