/** Calls may share a statement only where their parameters are of the same types, by place. */
import type { SqlValue } from "../database.ts";

/** Of a parameter, as it is declared where many calls share a statement. */
export function typeOf(value: SqlValue): string {
  if (typeof value === "number")
    return Number.isInteger(value) ? (Math.abs(value) < 2 ** 31 ? "int" : "bigint") : "float8";
  return typeof value === "bigint" ? "bigint" : "text";
}

export function hasTypes(types: readonly string[], parameters: readonly SqlValue[]): boolean {
  if (types.length !== parameters.length) return false;
  for (let at = 0; at < types.length; at++) if (types[at] !== typeOf(parameters[at] ?? null)) return false;
  return true;
}
