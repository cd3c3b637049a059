/** Calls may share a statement only where their parameters are of the same types, by place. */
import type { SqlValue } from "../database.ts";
import { typeOf } from "./reads.ts";

export function hasTypes(types: readonly string[], parameters: readonly SqlValue[]): boolean {
  if (types.length !== parameters.length) return false;
  for (let at = 0; at < types.length; at++) if (types[at] !== typeOf(parameters[at] ?? null)) return false;
  return true;
}
