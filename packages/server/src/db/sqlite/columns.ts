import { sql } from "kysely";
import type { ColumnTypes } from "../columns.ts";
import { sqliteIdentityIndex } from "./identity-index.ts";

/**
 * AUTOINCREMENT, because the number of a deleted row must not come back: hash seeds and audit rows outlive rows.
 * Tables keep their rowid: for identities with 1.5 KB of traits, WITHOUT ROWID measured a third of the reads and updates.
 */
export const sqliteColumns: ColumnTypes = {
  integer: "integer",
  bigint: "integer",
  flag: "integer",
  text: "text",
  json: "text",
  traits: "text",
  real: "real",
  generated: (column) => column.primaryKey().autoIncrement(),
  generatedIsPrimaryKey: true,
  identityIndex: sqliteIdentityIndex,
  tableSuffix: sql`strict`,
};
