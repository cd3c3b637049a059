import { floatText, type Integer, integerOf, MAX_INTEGER_DIGITS } from "./python-number.ts";
import { isInteger, pythonText } from "./python-text.ts";

export type Scalar = string | number | boolean | null;

/** A whole number that was written as a float ("2.0"): Python tells 2 from 2.0, JavaScript cannot. */
export interface WholeFloat {
  readonly float: number;
}

/** What a trait may hold. A number is an integer if it is whole, unless it comes as a WholeFloat. */
export type TraitValue = Scalar | WholeFloat;

/** The reference engine would have failed on this value, so every condition on it is false, IS_NOT_SET included. */
export const BROKEN: unique symbol = Symbol("broken");

/**
 * A context value as operators see it: text, integer, float (boxed, so that 2.0 is not 2), boolean, or null for
 * "not set". Operators tell them apart with `typeof` alone.
 */
export type Operand = string | Integer | boolean | WholeFloat | null | typeof BROKEN;

export function isWholeFloat(value: unknown): value is WholeFloat {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "float")) return false;
  return typeof (value as WholeFloat).float === "number" && Object.keys(value).length === 1;
}

/**
 * A trait or JSONPath result to an operand. Text that spells an integer or a decimal becomes that number, whatever
 * the operator: "007" is 7, "1.50" is 1.5, while " 5 ", "1e3" and "+5" stay text. (The reference engine does so.)
 */
export function toOperand(value: unknown): Operand {
  switch (typeof value) {
    case "string":
      return textOperand(value);
    case "boolean":
      return value;
    case "number":
      return numberOperand(value);
    case "object":
      if (value === null || isWholeFloat(value)) return value;
      return pythonText(value);
    default:
      return null;
  }
}

const INTEGER = /^-?[0-9]+$/;
const DECIMAL = /^-?[0-9]+\.[0-9]+$/;

function textOperand(text: string): Operand {
  const first = text.charCodeAt(0);
  const numeric = first === 0x2d || (first >= 0x30 && first <= 0x39);
  if (!numeric) return text;
  if (INTEGER.test(text)) return text.length > MAX_INTEGER_DIGITS && isTooLong(text) ? BROKEN : integerOf(text);
  return DECIMAL.test(text) ? { float: Number(text) } : text;
}

function isTooLong(digits: string): boolean {
  return digits.length - (digits.startsWith("-") ? 1 : 0) > MAX_INTEGER_DIGITS;
}

function numberOperand(value: number): Operand {
  if (Number.isSafeInteger(value)) return value + 0;
  return isInteger(value) ? BigInt(value) : { float: value };
}

/** The operand as text, for patterns and for hashing: True, 7, 1.5, 2.0. */
export function operandText(operand: Exclude<Operand, null | typeof BROKEN>): string {
  switch (typeof operand) {
    case "string":
      return operand;
    case "boolean":
      return operand ? "True" : "False";
    case "object":
      return floatText(operand.float);
    default:
      return operand.toString();
  }
}

/** A trait value as Python's `str()` writes it: True, None, 2.0 for a WholeFloat, 1.5, 1e+16. */
export function traitText(value: TraitValue): string {
  return isWholeFloat(value) ? floatText(value.float) : pythonText(value);
}
