/**
 * An environment's last days of usage are read without its years, and old days are forgotten without reading the young ones.
 * And when an environment changed before it changed last: two changes in one second look the same to who only knows the second.
 */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../columns.ts";

export function createUsageDays(types: ColumnTypes): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      await db.schema.alterTable("environments").addColumn("previous_updated_at", types.bigint).execute();
      for (const table of ["feature_usage", "request_usage"]) {
        await db.schema
          .createIndex(`${table}_environment_id_day_idx`)
          .on(table)
          .columns(["environment_id", "day"])
          .execute();
      }
    },
  };
}
