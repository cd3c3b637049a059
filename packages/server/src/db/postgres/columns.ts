import { sql } from "kysely";
import type { ColumnTypes } from "../columns.ts";
import { postgresIdentityIndex } from "./identity-index.ts";

/** Text sorts by code point, as SQLite's does; traits are jsonb, since SQL merges them. */
export const postgresColumns: ColumnTypes = {
  integer: "integer",
  bigint: "bigint",
  flag: "smallint",
  text: sql`text collate "C"`,
  json: "text",
  traits: "jsonb",
  real: "double precision",
  generated: (column) => column.notNull().generatedByDefaultAsIdentity(),
  generatedIsPrimaryKey: false,
  identityIndex: postgresIdentityIndex,
  tableSuffix: undefined,
};
