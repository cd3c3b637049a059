/** Features as jobs name them, with what an override of theirs starts from. */
import type { Kysely } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

export interface FeatureRow {
  readonly id: number;
  readonly name: string;
}

export interface OptionRow {
  readonly id: number;
  readonly key: string | null;
}

/** A text of digits alone is a number. */
export function findFeature(db: Database, projectId: number, named: number | string): Promise<FeatureRow | undefined> {
  const query = db.selectFrom("features").select(["id", "name"]).where("project_id", "=", projectId);
  const digits = typeof named === "number" ? String(named) : named;
  if (!/^\d{1,10}$/.test(digits)) return query.where("name_key", "=", digits.toLowerCase()).executeTakeFirst();
  const id = Number(digits);
  return id > 2_147_483_647 ? Promise.resolve(undefined) : query.where("id", "=", id).executeTakeFirst();
}

export const listFeatures = (db: Database, projectId: number): Promise<FeatureRow[]> =>
  db.selectFrom("features").select(["id", "name"]).where("project_id", "=", projectId).orderBy("id").execute();

export const listOptions = (db: Database, featureId: number): Promise<OptionRow[]> =>
  db
    .selectFrom("multivariate_options")
    .select(["id", "key"])
    .where("feature_id", "=", featureId)
    .orderBy("id")
    .execute();

export const listProjectOptions = (db: Database, projectId: number) =>
  db
    .selectFrom("multivariate_options as o")
    .innerJoin("features as f", "f.id", "o.feature_id")
    .where("f.project_id", "=", projectId)
    .select(["o.id", "o.key", "o.feature_id"])
    .orderBy("o.id")
    .execute();

export interface DefaultRow {
  readonly feature_id: number;
  readonly enabled: number;
  readonly value: string;
  readonly shares: readonly { readonly option_id: number; readonly percentage_allocation: number }[];
}

/** What everybody gets in the environment, by feature; of one feature or of all. */
export async function listDefaults(
  db: Database,
  environmentId: number,
  featureId?: number,
): Promise<Map<number, DefaultRow>> {
  const states = db
    .selectFrom("feature_states")
    .select(["id", "feature_id", "enabled", "value"])
    .where("environment_id", "=", environmentId)
    .where("feature_segment_id", "is", null);
  const rows = await (featureId === undefined ? states : states.where("feature_id", "=", featureId)).execute();
  const shares = await db
    .selectFrom("multivariate_state_values as v")
    .innerJoin("feature_states as s", "s.id", "v.feature_state_id")
    .where("s.environment_id", "=", environmentId)
    .where("s.feature_segment_id", "is", null)
    .select(["v.feature_state_id", "v.multivariate_option_id as option_id", "v.percentage_allocation"])
    .orderBy("v.id")
    .execute();
  const byState = Map.groupBy(shares, (share) => share.feature_state_id);
  return new Map(
    rows.map(({ id, feature_id, enabled, value }) => [
      feature_id,
      {
        feature_id,
        enabled,
        value,
        shares: (byState.get(id) ?? []).map(({ option_id, percentage_allocation }) => ({
          option_id,
          percentage_allocation,
        })),
      },
    ]),
  );
}

export const findSegment = (db: Database, projectId: number, id: number) =>
  db
    .selectFrom("segments")
    .select(["id", "name", "rules"])
    .where("project_id", "=", projectId)
    .where("id", "=", id)
    .executeTakeFirst();
