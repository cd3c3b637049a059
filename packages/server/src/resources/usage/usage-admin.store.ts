/** Usage as charts and lists want it, added up by the database. */
import { type Kysely, sql } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

export interface EvaluationRow {
  readonly day: number;
  readonly sdk: string;
  /** 0, 1, or -1 where the client did not say. */
  readonly enabled: number;
  readonly count: number;
}

export interface RequestRow {
  readonly day: number;
  readonly resource: string;
  readonly sdk: string;
  readonly count: number;
}

export interface FeatureTotal {
  readonly id: number;
  readonly name: string;
  readonly count: number;
}

/** Clients name their SDK's version, so rows have no natural bound. */
const MAX_ROWS = 50_000;
const MAX_FEATURES = 100;

/** Databases answer sums as text where they may be long. */
const withNumber = <Row extends { count: number | string }>(rows: readonly Row[]) =>
  rows.map((row) => ({ ...row, count: Number(row.count) }));

export async function evaluationRows(
  db: Database,
  environmentId: number,
  since: number,
  featureId: number | undefined,
): Promise<EvaluationRow[]> {
  let query = db.selectFrom("feature_usage").where("environment_id", "=", environmentId).where("day", ">=", since);
  if (featureId !== undefined) query = query.where("feature_id", "=", featureId);
  const rows = await query
    .select(["day", "sdk", "enabled", sql<number | string>`sum(count)`.as("count")])
    .groupBy(["day", "sdk", "enabled"])
    .orderBy("day", "desc")
    .limit(MAX_ROWS)
    .execute();
  return withNumber(rows);
}

export async function featureTotals(db: Database, environmentId: number, since: number): Promise<FeatureTotal[]> {
  const rows = await db
    .selectFrom("feature_usage as u")
    .innerJoin("features as f", "f.id", "u.feature_id")
    .where("u.environment_id", "=", environmentId)
    .where("u.day", ">=", since)
    .select(["f.id", "f.name", sql<number | string>`sum(u.count)`.as("count")])
    .groupBy(["f.id", "f.name"])
    .orderBy("count", "desc")
    .orderBy("f.id")
    .limit(MAX_FEATURES)
    .execute();
  return withNumber(rows);
}

export interface RequestFilter {
  readonly organisationId: number;
  readonly projectId?: number | undefined;
  readonly environmentId?: number | undefined;
  /** The first and the last day. */
  readonly days: readonly [number, number];
  readonly sdk?: string | undefined;
}

export async function requestRows(db: Database, filter: RequestFilter): Promise<RequestRow[]> {
  let query = db
    .selectFrom("request_usage as u")
    .innerJoin("environments as e", "e.id", "u.environment_id")
    .innerJoin("projects as p", "p.id", "e.project_id")
    .where("p.organisation_id", "=", filter.organisationId)
    .where("u.day", ">=", filter.days[0])
    .where("u.day", "<=", filter.days[1]);
  if (filter.projectId !== undefined) query = query.where("p.id", "=", filter.projectId);
  if (filter.environmentId !== undefined) query = query.where("e.id", "=", filter.environmentId);
  if (filter.sdk !== undefined) query = query.where("u.sdk", "=", filter.sdk);
  const rows = await query
    .select(["u.day", "u.resource", "u.sdk", sql<number | string>`sum(u.count)`.as("count")])
    .groupBy(["u.day", "u.resource", "u.sdk"])
    .orderBy("u.day")
    .orderBy("u.sdk")
    .limit(MAX_ROWS)
    .execute();
  return withNumber(rows);
}

/** By its number or its name: a number that is some feature's name, and nobody's number, is that name. */
export async function findFeature(
  db: Database,
  projectId: number,
  named: string,
): Promise<{ id: number; name: string } | undefined> {
  const features = db.selectFrom("features").select(["id", "name"]).where("project_id", "=", projectId);
  const id = /^[1-9]\d{0,9}$/.test(named) ? Number(named) : undefined;
  const byId =
    id !== undefined && id <= 2_147_483_647 ? await features.where("id", "=", id).executeTakeFirst() : undefined;
  return byId ?? features.where("name", "=", named).executeTakeFirst();
}
