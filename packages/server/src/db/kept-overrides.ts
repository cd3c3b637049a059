/**
 * Segment overrides as they were, down to the numbers that variants are laid out and hashed by: what is put back from the audit log
 * serves everybody the very variant they had.
 */
import { type Selectable, sql, type Transaction } from "kysely";
import { z } from "zod";
import type { FeatureSegmentsTable, FeatureStatesTable, MultivariateStateValuesTable, Tables } from "./tables.ts";

type Trx = Transaction<Tables>;

const tieSchema = z.object({
  id: z.int(),
  uuid: z.string(),
  feature_id: z.int(),
  segment_id: z.int(),
  environment_id: z.int(),
  priority: z.int(),
});
const stateSchema = z.object({
  id: z.int(),
  uuid: z.string(),
  enabled: z.int(),
  value: z.string(),
  hash_seed: z.string(),
  created_at: z.number(),
});
const shareSchema = z.object({
  id: z.int(),
  uuid: z.string(),
  multivariate_option_id: z.int(),
  percentage_allocation: z.number(),
});

/** As it stands in an audit entry. A tie may have no state yet. */
export const keptOverrideSchema = z.object({
  tie: tieSchema,
  state: stateSchema.nullable(),
  shares: z.array(shareSchema),
});
export type KeptOverride = z.output<typeof keptOverrideSchema>;

export interface OverrideRows {
  readonly tie: Selectable<FeatureSegmentsTable>;
  readonly state: Selectable<FeatureStatesTable> | undefined;
  readonly shares: readonly Selectable<MultivariateStateValuesTable>[];
}

/** Leaves what else the rows carry. */
export const keepOverride = ({ tie, state, shares }: OverrideRows): KeptOverride => ({
  tie: tieSchema.parse(tie),
  state: state ? stateSchema.parse(state) : null,
  shares: shares.map((share) => shareSchema.parse(share)),
});

/** Of one segment in all environments, at most so many. */
export async function keepOverridesOf(trx: Trx, segmentId: number, limit: number): Promise<KeptOverride[]> {
  const ties = await trx
    .selectFrom("feature_segments")
    .selectAll()
    .where("segment_id", "=", segmentId)
    .orderBy("id")
    .limit(limit)
    .execute();
  const kept: KeptOverride[] = [];
  for (const tie of ties) {
    const state = await trx
      .selectFrom("feature_states")
      .selectAll()
      .where("feature_segment_id", "=", tie.id)
      .executeTakeFirst();
    const shares = state
      ? await trx
          .selectFrom("multivariate_state_values")
          .selectAll()
          .where("feature_state_id", "=", state.id)
          .orderBy("id")
          .execute()
      : [];
    kept.push(keepOverride({ tie, state, shares }));
  }
  return kept;
}

/** Whether feature and environment are still there, and still of one project. */
async function hasPlace(trx: Trx, { feature_id, environment_id }: KeptOverride["tie"]): Promise<boolean> {
  const row = await trx
    .selectFrom("features")
    .innerJoin("environments", "environments.project_id", "features.project_id")
    .select("features.id")
    .where("features.id", "=", feature_id)
    .where("environments.id", "=", environment_id)
    .executeTakeFirst();
  return row !== undefined;
}

/** Its old place in the order, with the others behind it; the last place where that is too far. */
async function makeRoom(trx: Trx, { feature_id, environment_id, priority }: KeptOverride["tie"]): Promise<number> {
  const { last } = await trx
    .selectFrom("feature_segments")
    .select((e) => e.fn.max<number | null>("priority").as("last"))
    .where("feature_id", "=", feature_id)
    .where("environment_id", "=", environment_id)
    .executeTakeFirstOrThrow();
  const place = Math.min(priority, last === null ? priority : Number(last) + 1);
  await trx
    .updateTable("feature_segments")
    .set({ priority: sql<number>`priority + 1` })
    .where("feature_id", "=", feature_id)
    .where("environment_id", "=", environment_id)
    .where("priority", ">=", place)
    .execute();
  return place;
}

/** A row for every variant there is now: the old ones where they were, what came since gets nothing. */
async function putBackShares(trx: Trx, { state, tie, shares }: KeptOverride): Promise<void> {
  if (!state) return;
  const options = await trx
    .selectFrom("multivariate_options")
    .select("id")
    .where("feature_id", "=", tie.feature_id)
    .orderBy("id")
    .execute();
  const held = new Map(shares.map((share) => [share.multivariate_option_id, share]));
  const known = options.flatMap(({ id }) => held.get(id) ?? []);
  const rows = known.map((share) => ({ ...share, feature_state_id: state.id }));
  if (rows.length > 0) await trx.insertInto("multivariate_state_values").values(rows).execute();
  const fresh = options
    .filter(({ id }) => !held.has(id))
    .map(({ id }) => ({
      uuid: crypto.randomUUID(),
      feature_state_id: state.id,
      multivariate_option_id: id,
      percentage_allocation: 0,
    }));
  if (fresh.length > 0) await trx.insertInto("multivariate_state_values").values(fresh).execute();
}

/** false where its feature or environment has gone meanwhile. The segment must not override the feature there by now. */
export async function putBackOverride(trx: Trx, kept: KeptOverride, now: number): Promise<boolean> {
  const { tie, state } = kept;
  if (!(await hasPlace(trx, tie))) return false;
  const priority = await makeRoom(trx, tie);
  await trx
    .insertInto("feature_segments")
    .values({ ...tie, priority })
    .execute();
  if (state) {
    const { feature_id, environment_id, id: feature_segment_id } = tie;
    await trx
      .insertInto("feature_states")
      .values({ ...state, feature_id, environment_id, feature_segment_id, updated_at: now })
      .execute();
    await putBackShares(trx, kept);
  }
  return true;
}
