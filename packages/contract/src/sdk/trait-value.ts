/** What a trait may hold, as Flagsmith's runtime API reads it. */
import type { TraitValue } from "@burgee/engine";
import { z } from "zod";
import { accept, type Coerced, characterFaults, type Field, field, isLongerThan, refuse } from "../drf/index.ts";
import { isWholeFloat } from "../json/whole-float.ts";
import { pythonRepr } from "../python/python-text.ts";

/** Characters (code points) in a trait's text, and in the text of a list or object sent as a trait. */
export const maxTraitText = 2000;
/** Characters in a trait's key. */
export const maxTraitKey = 200;
/** Characters in an identifier. */
export const maxIdentifier = 2000;

const minInt = -2147483648;
const maxInt = 2147483647;

export const traitTooLong = "Value string is too long. Must be less than 2000 character";
export const traitOutOfRange =
  "Ensure this value is between -2147483648 and 2147483647, or send it as a string or with a fraction.";
export const traitNotFinite = "Out of range float values are not allowed.";

/** A trait value that is present and not null. */
export type PresentTraitValue = Exclude<TraitValue, null>;

/** Whether an int fits the 32 bits that Flagsmith stores. */
export function isTraitInt(value: number): boolean {
  return value >= minInt && value <= maxInt;
}

/**
 * A trait value: text (neither trimmed nor parsed), boolean, 32-bit int or finite float. A list or object becomes the text
 * that Python prints for it. Add `.nullable()` where null is a deletion.
 */
export function traitValue(): Field<PresentTraitValue> {
  const kind = z.unknown().meta({ type: ["string", "number", "boolean"] }) as z.ZodType<unknown>;
  return field(kind as z.ZodType<PresentTraitValue>, coerceTraitValue);
}

function coerceTraitValue(value: unknown): Coerced<PresentTraitValue> {
  switch (typeof value) {
    case "boolean":
      return accept(value);
    case "string":
      return coerceText(value);
    case "bigint":
      return refuse(traitOutOfRange);
    case "number":
      return coerceNumber(value);
    default:
      return isWholeFloat(value) ? accept(value) : coerceText(pythonRepr(value));
  }
}

function coerceText(text: string): Coerced<string> {
  if (isLongerThan(text, maxTraitText)) return refuse(traitTooLong);
  const faults = characterFaults(text);
  return faults.length === 0 ? accept(text) : refuse(...faults);
}

function coerceNumber(value: number): Coerced<number> {
  if (!Number.isFinite(value)) return refuse(traitNotFinite);
  if (!Number.isInteger(value)) return accept(value);
  return isTraitInt(value) ? accept(value + 0) : refuse(traitOutOfRange);
}
