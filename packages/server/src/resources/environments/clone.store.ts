/** An environment's states, segment overrides and weights, read to be written again for another one. */
import type { Kysely } from "kysely";
import type { NewState } from "../../db/default-states.ts";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

const PART = 500;

/** Copies the rows that tie segments to features; returns new ids by old ones. */
export async function copyFeatureSegments(db: Database, from: number, to: number): Promise<Map<number, number>> {
  const rows = await db
    .selectFrom("feature_segments")
    .selectAll()
    .where("environment_id", "=", from)
    .orderBy("id")
    .execute();
  const ids = new Map<number, number>();
  for (let start = 0; start < rows.length; start += PART) {
    const part = rows.slice(start, start + PART);
    const copies = part.map(({ feature_id, segment_id, priority }) => ({
      uuid: crypto.randomUUID(),
      feature_id,
      segment_id,
      priority,
      environment_id: to,
    }));
    const made = await db.insertInto("feature_segments").values(copies).returning(["id", "uuid"]).execute();
    const byUuid = new Map(made.map((row) => [row.uuid, row.id]));
    for (const [i, row] of part.entries()) ids.set(row.id, byUuid.get(copies[i]?.uuid ?? "") as number);
  }
  return ids;
}

/** What the new states hold; `featureSegments` says which override becomes which. */
export async function readStates(
  db: Database,
  from: number,
  to: number,
  featureSegments: ReadonlyMap<number, number>,
): Promise<NewState[]> {
  const states = await db
    .selectFrom("feature_states")
    .selectAll()
    .where("environment_id", "=", from)
    .orderBy("id")
    .execute();
  const values = await db
    .selectFrom("multivariate_state_values as v")
    .innerJoin("feature_states as s", "s.id", "v.feature_state_id")
    .where("s.environment_id", "=", from)
    .select(["v.feature_state_id", "v.multivariate_option_id", "v.percentage_allocation"])
    .orderBy("v.id")
    .execute();
  const byState = Map.groupBy(values, (value) => value.feature_state_id);
  return states.map((state) => ({
    featureId: state.feature_id,
    environmentId: to,
    featureSegmentId:
      state.feature_segment_id === null ? null : (featureSegments.get(state.feature_segment_id) as number),
    enabled: state.enabled === 1,
    value: state.value,
    variants: (byState.get(state.id) ?? []).map((value) => ({
      optionId: value.multivariate_option_id,
      percentage: value.percentage_allocation,
    })),
  }));
}
