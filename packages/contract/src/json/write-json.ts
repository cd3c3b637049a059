/** JSON text for answers, where the difference between 2 and 2.0 must show. */
import type { TraitValue } from "@burgee/engine";
import { pythonFloat } from "../python/python-text.ts";

/**
 * JSON text of a trait value: whole floats as Python prints them ("2.0", "1e+16"), numbers that JSON cannot hold as
 * "null". Never throws.
 */
export function writeTraitValue(value: TraitValue): string {
  if (typeof value === "object" && value !== null)
    return Number.isFinite(value.float) ? pythonFloat(value.float) : "null";
  return JSON.stringify(value);
}
