/** Variants of features, and the rows that give each state its share of them. */
import type { Kysely, Selectable } from "kysely";
import type { MultivariateOptionsTable, MultivariateStateValuesTable, Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
export type OptionRow = Selectable<MultivariateOptionsTable>;
export type OptionColumns = Partial<Pick<OptionRow, "value" | "key" | "default_percentage_allocation">>;
export type ShareRow = Selectable<MultivariateStateValuesTable>;

export async function optionsOf(db: Database, featureIds: readonly number[]): Promise<Map<number, OptionRow[]>> {
  if (featureIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("multivariate_options")
    .selectAll()
    .where("feature_id", "in", [...featureIds])
    .orderBy("id")
    .execute();
  return Map.groupBy(rows, (row) => row.feature_id);
}

export const listOptions = async (db: Database, featureId: number): Promise<OptionRow[]> =>
  (await optionsOf(db, [featureId])).get(featureId) ?? [];

export const findOptionByUuid = (db: Database, uuid: string) =>
  db
    .selectFrom("multivariate_options as o")
    .innerJoin("features as f", "f.id", "o.feature_id")
    .selectAll("o")
    .select("f.project_id")
    .where("o.uuid", "=", uuid)
    .executeTakeFirst();

export const insertOption = (db: Database, featureId: number, columns: Required<OptionColumns>): Promise<OptionRow> =>
  db
    .insertInto("multivariate_options")
    .values({ uuid: crypto.randomUUID(), feature_id: featureId, ...columns })
    .returningAll()
    .executeTakeFirstOrThrow();

export const updateOption = (db: Database, id: number, columns: OptionColumns): Promise<OptionRow> =>
  db.updateTable("multivariate_options").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

const PART = 500;

/** Identity overrides keep their variants in JSON, so no reference takes these along. */
async function forgetInOverrides(db: Database, { id, feature_id }: OptionRow): Promise<void> {
  const rows = await db
    .selectFrom("identity_overrides as o")
    .innerJoin("environments as e", "e.id", "o.environment_id")
    .innerJoin("features as f", "f.project_id", "e.project_id")
    .where("f.id", "=", feature_id)
    .where("o.feature_id", "=", feature_id)
    .where("o.variants", "<>", "[]")
    .select(["o.environment_id", "o.identifier", "o.variants"])
    .execute();
  for (const row of rows) {
    const held = JSON.parse(row.variants) as { readonly option_id: number }[];
    const kept = held.filter((variant) => variant.option_id !== id);
    if (kept.length === held.length) continue;
    await db
      .updateTable("identity_overrides")
      .set({ variants: JSON.stringify(kept) })
      .where("environment_id", "=", row.environment_id)
      .where("identifier", "=", row.identifier)
      .where("feature_id", "=", feature_id)
      .execute();
  }
}

export async function deleteOption(db: Database, option: OptionRow): Promise<void> {
  await forgetInOverrides(db, option);
  await db.deleteFrom("multivariate_options").where("id", "=", option.id).execute();
}

export async function sharesOf(db: Database, stateIds: readonly number[]): Promise<Map<number, ShareRow[]>> {
  const shares: ShareRow[] = [];
  for (let start = 0; start < stateIds.length; start += PART) {
    const part = stateIds.slice(start, start + PART);
    const rows = db.selectFrom("multivariate_state_values").selectAll().where("feature_state_id", "in", part);
    shares.push(...(await rows.orderBy("id").execute()));
  }
  return Map.groupBy(shares, (share) => share.feature_state_id);
}

/** Of one variant, in all states. */
export const listShares = (db: Database, optionId: number): Promise<ShareRow[]> =>
  db
    .selectFrom("multivariate_state_values")
    .selectAll()
    .where("multivariate_option_id", "=", optionId)
    .orderBy("id")
    .execute();

export async function insertShares(db: Database, rows: readonly Omit<ShareRow, "id" | "uuid">[]): Promise<void> {
  for (let start = 0; start < rows.length; start += PART) {
    const part = rows.slice(start, start + PART).map((row) => ({ uuid: crypto.randomUUID(), ...row }));
    await db.insertInto("multivariate_state_values").values(part).execute();
  }
}

export async function updateShare(db: Database, id: number, percentage: number): Promise<void> {
  await db
    .updateTable("multivariate_state_values")
    .set({ percentage_allocation: percentage })
    .where("id", "=", id)
    .execute();
}

/** Every state of a feature: whether it is an environment default, and how much of it is given away. */
export async function statesWithSums(db: Database, featureId: number) {
  const rows = await db
    .selectFrom("feature_states as s")
    .leftJoin("multivariate_state_values as v", "v.feature_state_id", "s.id")
    .where("s.feature_id", "=", featureId)
    .select((e) => [
      "s.id",
      "s.feature_segment_id",
      e.fn.sum<number | string | null>("v.percentage_allocation").as("sum"),
    ])
    .groupBy(["s.id", "s.feature_segment_id"])
    .orderBy("s.id")
    .execute();
  return rows.map((row) => ({ id: row.id, isDefault: row.feature_segment_id === null, sum: Number(row.sum ?? 0) }));
}
