/** Writes down a project's features with their defaults in one environment; what is archived is left out. */
import { type FlagValue, presentTypedValue, type transferredFeatureSchema } from "@burgee/contract/admin";
import type { z } from "zod";
import { listDefaults } from "./feature-transfers.store.ts";
import type { Database } from "./features.store.ts";
import { optionsOf, sharesOf } from "./options.store.ts";

export type TransferredFeature = z.output<typeof transferredFeatureSchema>;

const typed = (json: string): Pick<TransferredFeature, "value" | "type"> => {
  const value = JSON.parse(json) as FlagValue;
  return { value, type: presentTypedValue(value).type as TransferredFeature["type"] };
};

export async function exportFeatures(
  db: Database,
  environmentId: number,
  tagIds: readonly number[],
): Promise<TransferredFeature[]> {
  const rows = await listDefaults(db, environmentId, tagIds);
  const options = await optionsOf(db, [...new Set(rows.map((row) => row.feature_id))]);
  const shares = await sharesOf(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => {
    const given = new Map((shares.get(row.id) ?? []).map((share) => [share.multivariate_option_id, share]));
    return {
      name: row.name,
      default_enabled: row.default_enabled === 1,
      is_server_key_only: row.is_server_key_only === 1,
      initial_value: row.initial_value,
      ...typed(row.value),
      enabled: row.enabled === 1,
      multivariate: (options.get(row.feature_id) ?? []).map((option) => ({
        percentage_allocation: given.get(option.id)?.percentage_allocation ?? 0,
        default_percentage_allocation: option.default_percentage_allocation,
        ...typed(option.value),
      })),
    };
  });
}
