/**
 * JSON writes 2 and 2.0 differently, and Flagsmith keeps them apart (an int and a float trait), but a JavaScript number
 * cannot. A whole number written as a float therefore travels as this marked object, and only as this.
 */
import type { WholeFloat } from "@burgee/engine";

const mark: unique symbol = Symbol("burgee.whole-float");

/**
 * Wraps a whole number that was written as a float (2.0, 1e3). The object has no prototype and carries a private
 * symbol, so no JSON text a client can send ({"float": 2} included) produces one.
 */
export function wholeFloat(value: number): WholeFloat {
  const made: WholeFloat & { [mark]: true } = { __proto__: null, float: value, [mark]: true } as never;
  return made;
}

/**
 * True only for values made by {@link wholeFloat}. The mark does not survive structuredClone or JSON; behind
 * the border, where every object among trait values is a WholeFloat, test with `typeof value === "object"` instead.
 */
export function isWholeFloat(value: unknown): value is WholeFloat {
  return typeof value === "object" && value !== null && mark in value;
}
