/** An environment's last days of usage are read without its years, and old days are forgotten without reading the young ones. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

export function createUsageDays(): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
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
