/** What the query builder hands over becomes what both databases store: booleans are 0 or 1, times are milliseconds. */
import type { SqlValue } from "./database.ts";

export function toSqlValue(value: unknown): SqlValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof Date) return value.getTime();
  throw new TypeError(`A ${typeof value} is not an SQL value.`);
}
