/** Feature states: environment defaults and segment overrides. Identity overrides only as far as lists show them. */
import type { Kysely, Selectable } from "kysely";
import type { FeatureStatesTable, Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
export type StateRow = Selectable<FeatureStatesTable>;
export type StateColumns = Partial<Pick<StateRow, "enabled" | "value">>;

export const findState = (db: Database, id: number): Promise<StateRow | undefined> =>
  db.selectFrom("feature_states").selectAll().where("id", "=", id).executeTakeFirst();

/** Of all environments. */
export const listDefaults = (db: Database, featureId: number): Promise<StateRow[]> =>
  db
    .selectFrom("feature_states")
    .selectAll()
    .where("feature_id", "=", featureId)
    .where("feature_segment_id", "is", null)
    .orderBy("environment_id")
    .execute();

export const findStateByUuid = (db: Database, uuid: string): Promise<StateRow | undefined> =>
  db.selectFrom("feature_states").selectAll().where("uuid", "=", uuid).executeTakeFirst();

export const findDefault = (db: Database, environmentId: number, featureId: number): Promise<StateRow | undefined> =>
  db
    .selectFrom("feature_states")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("feature_id", "=", featureId)
    .where("feature_segment_id", "is", null)
    .executeTakeFirst();

/** The defaults of these features in an environment, or of the segment's overrides of them. */
export async function statesFor(
  db: Database,
  environmentId: number,
  featureIds: readonly number[],
  segmentId: number | null,
): Promise<Map<number, StateRow>> {
  if (featureIds.length === 0) return new Map();
  const states = db
    .selectFrom("feature_states as s")
    .leftJoin("feature_segments as fs", "fs.id", "s.feature_segment_id")
    .where("s.environment_id", "=", environmentId)
    .where("s.feature_id", "in", [...featureIds])
    .where("fs.segment_id", segmentId === null ? "is" : "=", segmentId)
    .selectAll("s");
  return new Map((await states.execute()).map((row) => [row.feature_id, row]));
}

export interface StateFilter {
  readonly environmentId: number;
  readonly featureId?: number | undefined;
  readonly featureName?: string | undefined;
  readonly featureSegmentId?: number | undefined;
  readonly defaultsOnly?: boolean;
}

export async function listStates(db: Database, filter: StateFilter, offset: number, limit: number) {
  let base = db
    .selectFrom("feature_states as s")
    .innerJoin("features as f", "f.id", "s.feature_id")
    .where("s.environment_id", "=", filter.environmentId);
  if (filter.defaultsOnly) base = base.where("s.feature_segment_id", "is", null);
  if (filter.featureId !== undefined) base = base.where("s.feature_id", "=", filter.featureId);
  if (filter.featureName !== undefined) base = base.where("f.name", "=", filter.featureName);
  if (filter.featureSegmentId !== undefined) base = base.where("s.feature_segment_id", "=", filter.featureSegmentId);
  const { count } = await base.select((e) => e.fn.countAll<number | string>().as("count")).executeTakeFirstOrThrow();
  const rows: StateRow[] = await base.selectAll("s").orderBy("s.id").offset(offset).limit(limit).execute();
  return { count: Number(count), rows };
}

/** A feature's states in one environment with where they stand, strongest override first and the default last. */
export async function statesOfFlag(db: Database, environmentId: number, featureId: number) {
  const rows = await db
    .selectFrom("feature_states as s")
    .leftJoin("feature_segments as fs", "fs.id", "s.feature_segment_id")
    .where("s.environment_id", "=", environmentId)
    .where("s.feature_id", "=", featureId)
    .selectAll("s")
    .select(["fs.segment_id", "fs.priority"])
    .execute();
  return rows.sort((a, b) => rank(a) - rank(b) || (a.segment_id ?? 0) - (b.segment_id ?? 0));
}

const rank = ({ priority }: { readonly priority: number | null }): number => priority ?? Number.MAX_SAFE_INTEGER;

export const updateState = (db: Database, id: number, columns: StateColumns, now: number): Promise<StateRow> =>
  db
    .updateTable("feature_states")
    .set({ ...columns, updated_at: now })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirstOrThrow();

export interface IdentityOverrideFilter {
  readonly environmentId: number;
  readonly featureId?: number | undefined;
  readonly featureName?: string | undefined;
}

/** Without those that have ended. */
export async function listIdentityOverrides(
  db: Database,
  filter: IdentityOverrideFilter,
  offset: number,
  limit: number,
) {
  let base = db
    .selectFrom("identity_overrides as o")
    .innerJoin("identities as i", (join) =>
      join.onRef("i.environment_id", "=", "o.environment_id").onRef("i.identifier", "=", "o.identifier"),
    )
    .innerJoin("features as f", "f.id", "o.feature_id")
    .where("o.environment_id", "=", filter.environmentId)
    .where("o.is_expired", "=", 0);
  if (filter.featureId !== undefined) base = base.where("o.feature_id", "=", filter.featureId);
  if (filter.featureName !== undefined) base = base.where("f.name", "=", filter.featureName);
  const { count } = await base.select((e) => e.fn.countAll<number | string>().as("count")).executeTakeFirstOrThrow();
  const rows = await base
    .selectAll("o")
    .select("i.id as identity_id")
    .orderBy("o.id")
    .offset(offset)
    .limit(limit)
    .execute();
  return { count: Number(count), rows };
}
