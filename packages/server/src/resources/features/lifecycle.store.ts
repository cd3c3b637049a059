/** What the stages of features are judged by: when their states changed, whether they are used, whether they are to stay. */
import type { Kysely } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

export interface LifecycleScope {
  readonly projectId: number;
  /** Left out: all of the project's. */
  readonly environmentId?: number | undefined;
  /** Left out: all of the project's. */
  readonly featureIds?: readonly number[] | undefined;
}

/** When a state of each feature last changed. */
export async function lastModified(
  db: Database,
  { projectId, environmentId, featureIds }: LifecycleScope,
): Promise<Map<number, number>> {
  let query = db
    .selectFrom("feature_states as s")
    .innerJoin("features as f", "f.id", "s.feature_id")
    .where("f.project_id", "=", projectId)
    .select((e) => ["s.feature_id", e.fn.max("s.updated_at").as("at")])
    .groupBy("s.feature_id");
  if (environmentId !== undefined) query = query.where("s.environment_id", "=", environmentId);
  if (featureIds) query = query.where("s.feature_id", "in", [...featureIds, -1]);
  const rows = await query.execute();
  return new Map(rows.map((row) => [row.feature_id, Number(row.at)]));
}

/** Features that were evaluated on or after a day. */
export async function usedSince(
  db: Database,
  { projectId, environmentId, featureIds }: LifecycleScope,
  day: number,
): Promise<Set<number>> {
  let query = db
    .selectFrom("feature_usage as u")
    .innerJoin("environments as e", "e.id", "u.environment_id")
    .where("e.project_id", "=", projectId)
    .where("u.day", ">=", day)
    .select("u.feature_id")
    .distinct();
  if (environmentId !== undefined) query = query.where("u.environment_id", "=", environmentId);
  if (featureIds) query = query.where("u.feature_id", "in", [...featureIds, -1]);
  return new Set((await query.execute()).map((row) => row.feature_id));
}

export async function permanent(db: Database, projectId: number): Promise<Set<number>> {
  const rows = await db
    .selectFrom("feature_tags as ft")
    .innerJoin("tags as t", "t.id", "ft.tag_id")
    .where("t.project_id", "=", projectId)
    .where("t.is_permanent", "=", 1)
    .select("ft.feature_id")
    .execute();
  return new Set(rows.map((row) => row.feature_id));
}

export interface UsageRow {
  readonly day: number;
  readonly sdk: string;
  readonly count: number;
}

/** Evaluations a day and SDK. */
export async function evaluations(
  db: Database,
  environmentId: number,
  featureId: number,
  since: number,
  sdk?: string,
): Promise<UsageRow[]> {
  let query = db
    .selectFrom("feature_usage")
    .where("environment_id", "=", environmentId)
    .where("feature_id", "=", featureId)
    .where("day", ">=", since)
    .select((e) => ["day", "sdk", e.fn.sum<number | string>("count").as("count")])
    .groupBy(["day", "sdk"])
    .orderBy("day")
    .orderBy("sdk");
  if (sdk !== undefined) query = query.where("sdk", "=", sdk);
  return (await query.execute()).map((row) => ({ day: row.day, sdk: row.sdk, count: Number(row.count) }));
}
