/** What a body asks an override to be; what it leaves out stays. Refuses what the feature cannot have. */
import { type OverridePatch, readFlagValue } from "@burgee/contract/admin";
import { applies } from "../../documents/states.ts";
import { badRequest } from "../../http/admin-door.ts";
import type { Database } from "./identities-admin.store.ts";
import { type OverrideRecord, type OverrideValues, optionIds } from "./overrides.store.ts";
import { variantsOf } from "./present-override.ts";

/** What Flagsmith knows nothing of. */
export type OverrideTerms = Pick<OverrideValues, "reason" | "expires_at">;

const NO_TERMS: OverrideTerms = { reason: null, expires_at: null };

/**
 * A write through Flagsmith's routes leaves reason and end alone. One that has ended takes effect again, without an end: its
 * writer asks for a value, and cannot know that there was one.
 */
export const termsKept = (before: OverrideRecord | undefined, now: number): OverrideTerms =>
  before && applies(before, now) ? { reason: before.reason, expires_at: before.expires_at } : NO_TERMS;

const MAX_SUM = 100.000001;

/** Body over what was there; variants must be the feature's own and leave something to everybody. */
export async function readValues(
  db: Database,
  featureId: number,
  body: OverridePatch,
  before: OverrideRecord | undefined,
  now: number,
): Promise<OverrideValues> {
  const sent = body.multivariate_feature_state_values;
  const variants = sent
    ? sent.map((variant) => ({
        option_id: variant.multivariate_feature_option,
        percentage_allocation: variant.percentage_allocation,
      }))
    : before
      ? variantsOf(before).map(({ option_id, percentage_allocation }) => ({ option_id, percentage_allocation }))
      : [];
  const known = variants.length > 0 ? await optionIds(db, featureId) : new Set<number>();
  const field = "multivariate_feature_state_values";
  for (const { option_id } of variants) {
    if (!known.has(option_id)) throw badRequest({ [field]: [`Invalid pk "${option_id}" - object does not exist.`] });
  }
  if (new Set(variants.map((variant) => variant.option_id)).size < variants.length) {
    throw badRequest({ [field]: ["Each option may be named once."] });
  }
  if (variants.reduce((sum, variant) => sum + variant.percentage_allocation, 0) > MAX_SUM) {
    throw badRequest({ [field]: ["Total percentage allocation must not be more than 100."] });
  }
  const read = readFlagValue(body.feature_state_value);
  if (!read.ok) throw badRequest({ feature_state_value: [read.problem] });
  const value = body.feature_state_value === undefined && before ? before.value : JSON.stringify(read.value);
  return { enabled: body.enabled ?? before?.enabled === 1, value, variants, ...termsKept(before, now) };
}
