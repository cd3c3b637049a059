/**
 * A list as PostgreSQL writes arrays. JSON escapes quotes and backslashes as an array's text does, and one JSON.stringify takes a
 * fraction of what the driver's element by element does; what JSON escapes in a way of its own is left to the driver.
 */
import type { SqlValue } from "../database.ts";

/** \n, \u0000 and the like: PostgreSQL would read the letter. Finds too much where an escaped backslash stands before a letter. */
const ownEscape = /\\[^"\\]/;

/** The list itself where the driver has to write it. */
export function arrayText(list: readonly SqlValue[]): string | readonly SqlValue[] {
  if (list.some((value) => typeof value === "bigint" || (typeof value === "number" && !Number.isFinite(value))))
    return list;
  const json = JSON.stringify(list);
  return ownEscape.test(json) ? list : `{${json.slice(1, -1)}}`;
}
