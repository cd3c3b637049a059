/** What SQL can do with identities.traits here. `?` stands for a parameter, so operators that contain one are not used. */
import type { Capabilities } from "../database.ts";

const integerText = "substring((identities.traits -> ?::text)::text from '^-?[0-9]{1,10}$')::bigint";

const plannerChoices = ["enable_hashjoin", "enable_mergejoin", "enable_seqscan", "enable_bitmapscan"];

export const postgresTraits: Pick<
  Capabilities,
  "mergeTraits" | "eachTrait" | "eachItem" | "traitsType" | "lookUpByKey" | "incrementTrait" | "canIncrementTrait"
> = {
  mergeTraits: "jsonb_strip_nulls(identities.traits || ?::jsonb)",
  eachTrait: "jsonb_each",
  eachItem: "jsonb_array_elements(?::jsonb)",
  traitsType: "jsonb",
  lookUpByKey: `select ${plannerChoices.map((name) => `set_config('${name}', 'off', true)`).join(", ")}`,
  incrementTrait: `identities.traits || jsonb_build_object(?::text, coalesce(${integerText}, 0) + ?::bigint)`,
  canIncrementTrait: `(coalesce((identities.traits -> ?::text)::text ~ '^-?[0-9]{1,10}$', true)
    AND coalesce(${integerText}, 0) + ?::bigint BETWEEN -2147483648 AND 2147483647)`,
};
