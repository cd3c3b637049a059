/** JSON text for answers, where the difference between 2 and 2.0 must show. */
import type { TraitValue } from "@burgee/engine";
import { pythonFloat } from "../python/python-text.ts";

/** Text that JSON writes as it is, between quotes: most of what there is, and this finds out in a fraction of what JSON.stringify takes. */
const plainText = /^[ !#-[\]-~]*$/;

/** JSON text of a text. Never throws. */
export function writeText(text: string): string {
  return plainText.test(text) ? `"${text}"` : JSON.stringify(text);
}

/**
 * JSON text of a trait value: whole floats as Python prints them ("2.0", "1e+16"), numbers that JSON cannot hold as
 * "null". Never throws.
 */
export function writeTraitValue(value: TraitValue): string {
  switch (typeof value) {
    case "string":
      return writeText(value);
    case "object":
      if (value === null) return "null";
      return Number.isFinite(value.float) ? pythonFloat(value.float) : "null";
    case "number":
      return Number.isFinite(value) ? `${value}` : "null";
    default:
      return `${value}`;
  }
}

/**
 * As {@link writeTraitValue}, for keeping: without an exponent, which PostgreSQL's jsonb makes a whole number of ("1e+16" comes back as
 * 10000000000000000, an int). Never throws.
 */
export function storeTraitValue(value: TraitValue): string {
  const isHuge = typeof value === "object" && value !== null && Math.abs(value.float) >= 1e16;
  return isHuge && Number.isFinite(value.float) ? `${BigInt(value.float)}.0` : writeTraitValue(value);
}
