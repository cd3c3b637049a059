/** What SQL can do with identities.traits here. `?` stands for a parameter, so operators that contain one are not used. */
import type { Capabilities } from "../database.ts";

const integerText = "substring((identities.traits -> ?::text)::text from '^-?[0-9]{1,10}$')::bigint";

/**
 * Besides, plans are made for any environment, not for the one at hand: one that is newer than the planner's statistics counts as having no
 * identities, so that all indexes that begin with it look as good as the key, and each identity would be looked for among all.
 */
const plannerChoices = ["enable_hashjoin", "enable_mergejoin", "enable_seqscan", "enable_bitmapscan"];

export const postgresTraits: Pick<
  Capabilities,
  "mergeTraits" | "eachTrait" | "eachItem" | "traitsType" | "lookUpByKey" | "incrementTrait" | "canIncrementTrait"
> = {
  mergeTraits: "jsonb_strip_nulls(identities.traits || ?::jsonb)",
  eachTrait: "jsonb_each",
  eachItem: "jsonb_array_elements(?::jsonb)",
  traitsType: "jsonb",
  lookUpByKey: `select ${[...plannerChoices.map((name) => `set_config('${name}', 'off', true)`), "set_config('plan_cache_mode', 'force_generic_plan', true)"].join(", ")}`,
  incrementTrait: `identities.traits || jsonb_build_object(?::text, coalesce(${integerText}, 0) + ?::bigint)`,
  canIncrementTrait: `(coalesce((identities.traits -> ?::text)::text ~ '^-?[0-9]{1,10}$', true)
    AND coalesce(${integerText}, 0) + ?::bigint BETWEEN -2147483648 AND 2147483647)`,
};
