/** What SQL can do with identities.traits here. Keys are compared as values, never spliced into a JSON path. */
import type { Capabilities } from "../database.ts";

const atom = "(SELECT atom FROM json_each(identities.traits) WHERE key = ?)";
const isInteger = "(SELECT type = 'integer' FROM json_each(identities.traits) WHERE key = ?)";

export const sqliteTraits: Pick<
  Capabilities,
  "mergeTraits" | "eachTrait" | "eachItem" | "traitsType" | "lookUpByKey" | "incrementTrait" | "canIncrementTrait"
> = {
  mergeTraits: "json_patch(identities.traits, ?)",
  eachTrait: "json_each",
  eachItem: "json_each(?)",
  traitsType: "text",
  lookUpByKey: "",
  incrementTrait: `json_patch(identities.traits, json_object(?, coalesce(${atom}, 0) + ?))`,
  canIncrementTrait: `(coalesce(${isInteger}, 1) AND coalesce(${atom}, 0) + ? BETWEEN -2147483648 AND 2147483647)`,
};
