/** Where a change was asked for from, beside by whom. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../columns.ts";

export function createAuditAddress(types: ColumnTypes): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      await db.schema.alterTable("audit").addColumn("address", types.text).execute();
    },
  };
}
