/**
 * A variant as it was, with the share that every state gave it, down to the numbers that lay variants out: put back from the audit
 * log, it is what everybody gets who got it before.
 */
import { maxPercentageSum } from "@burgee/contract/admin";
import { z } from "zod";
import { beyondRestoring } from "../../http/undo.ts";
import { findOverridesWith, insertWholeOption, insertWholeShares, setOverrideVariants } from "./kept-options.store.ts";
import { deleteOption, listShares, type OptionRow, statesWithSums } from "./options.store.ts";

type Trx = Parameters<typeof deleteOption>[0];

const shareSchema = z.object({
  id: z.int(),
  uuid: z.string(),
  feature_state_id: z.int(),
  percentage_allocation: z.number(),
});

/** As it stands in an audit entry. */
export const keptOptionSchema = z.object({
  option: z.object({
    id: z.int(),
    uuid: z.string(),
    feature_id: z.int(),
    value: z.string(),
    key: z.string().nullable(),
    default_percentage_allocation: z.number(),
  }),
  shares: z.array(shareSchema),
  /** Identities' overrides that gave it a share, each with its variants as they were. */
  overrides: z.array(z.object({ environment_id: z.int(), identifier: z.string(), variants: z.string() })),
  /** Too many to be kept: then it is gone for good. */
  lost: z.boolean(),
});
export type KeptOption = z.output<typeof keptOptionSchema>;

const MAX_OVERRIDES = 1000;

/** Deletes the variant from every state and override. */
export async function takeOption(trx: Trx, option: OptionRow): Promise<KeptOption> {
  const shares = await listShares(trx, option.id);
  const overrides = await findOverridesWith(trx, option, MAX_OVERRIDES + 1);
  const lost = overrides.length > MAX_OVERRIDES;
  await deleteOption(trx, option);
  return keptOptionSchema.parse({ option, shares, overrides: lost ? [] : overrides, lost });
}

/** States and overrides that went meanwhile stay gone; one that gives its share to others by now stands in the way. */
export async function putBackOption(trx: Trx, { option, shares, overrides, lost }: KeptOption): Promise<OptionRow> {
  if (lost) throw beyondRestoring("more identities had it than the entry could hold.");
  const row = await insertWholeOption(trx, option);
  const kept = new Map(shares.map((share) => [share.feature_state_id, share]));
  const rows = (await statesWithSums(trx, option.feature_id)).map((state) => {
    const share = kept.get(state.id);
    if (share && state.sum + share.percentage_allocation > maxPercentageSum) {
      throw beyondRestoring("a state gives its share to other variants by now.");
    }
    const fresh = { uuid: crypto.randomUUID(), feature_state_id: state.id, percentage_allocation: 0 };
    return { ...(share ?? fresh), multivariate_option_id: option.id };
  });
  await insertWholeShares(trx, rows);
  await setOverrideVariants(trx, option, overrides);
  return row;
}
