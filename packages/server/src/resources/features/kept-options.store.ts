/** Variants with all that hangs on them, for putting them back. */
import type { Kysely, Selectable } from "kysely";
import type { MultivariateOptionsTable, MultivariateStateValuesTable, Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
type OptionRow = Selectable<MultivariateOptionsTable>;
type ShareRow = Selectable<MultivariateStateValuesTable>;

const PART = 500;

export interface VariedOverride {
  readonly environment_id: number;
  readonly identifier: string;
  /** JSON list. */
  readonly variants: string;
}

const namesOption = (variants: string, id: number): boolean =>
  (JSON.parse(variants) as { readonly option_id: number }[]).some((variant) => variant.option_id === id);

/** Identity overrides of the feature that give the variant a share; at most `limit`. */
export async function findOverridesWith(
  db: Database,
  { id, feature_id }: Pick<OptionRow, "id" | "feature_id">,
  limit: number,
): Promise<VariedOverride[]> {
  const rows = await db
    .selectFrom("identity_overrides as o")
    .innerJoin("environments as e", "e.id", "o.environment_id")
    .innerJoin("features as f", "f.project_id", "e.project_id")
    .where("f.id", "=", feature_id)
    .where("o.feature_id", "=", feature_id)
    .where("o.variants", "like", `%"option_id":${id}%`)
    .select(["o.environment_id", "o.identifier", "o.variants"])
    .orderBy("o.id")
    .limit(limit)
    .execute();
  return rows.filter((row) => namesOption(row.variants, id));
}

/** With the number it had. */
export const insertWholeOption = (db: Database, row: OptionRow): Promise<OptionRow> =>
  db.insertInto("multivariate_options").values(row).returningAll().executeTakeFirstOrThrow();

export async function insertWholeShares(
  db: Database,
  rows: readonly (Omit<ShareRow, "id"> & { readonly id?: number })[],
): Promise<void> {
  const kept = rows.filter((row) => row.id !== undefined);
  const fresh = rows.filter((row) => row.id === undefined);
  for (const group of [kept, fresh]) {
    for (let start = 0; start < group.length; start += PART) {
      await db
        .insertInto("multivariate_state_values")
        .values(group.slice(start, start + PART))
        .execute();
    }
  }
}

/** Only where nothing but the variant's going has changed them since: a later choice stays. */
export async function setOverrideVariants(
  db: Database,
  { id, feature_id }: Pick<OptionRow, "id" | "feature_id">,
  overrides: readonly VariedOverride[],
): Promise<void> {
  for (const { environment_id, identifier, variants } of overrides) {
    const without = (JSON.parse(variants) as { option_id: number }[]).filter((variant) => variant.option_id !== id);
    await db
      .updateTable("identity_overrides")
      .set({ variants })
      .where("environment_id", "=", environment_id)
      .where("identifier", "=", identifier)
      .where("feature_id", "=", feature_id)
      .where("variants", "=", JSON.stringify(without))
      .execute();
  }
}
