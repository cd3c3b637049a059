/** Why an identity's override is there, who set it, and when it ends. */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../columns.ts";

export function createOverrideEnds(types: ColumnTypes): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      const add = (name: string, type: ColumnTypes["text"], isFlag = false) =>
        db.schema
          .alterTable("identity_overrides")
          .addColumn(name, type, (column) => (isFlag ? column.notNull().defaultTo(0) : column))
          .execute();
      await add("reason", types.text);
      await add("updated_by", types.text);
      await add("expires_at", types.bigint);
      await add("is_expired", types.flag, true);
      // Few rows have an end, and fewer one that is still to come.
      await sql`create index identity_overrides_expires_at_idx on identity_overrides (expires_at)
        where expires_at is not null and is_expired = 0`.execute(db);
      // A feature's overrides in the order of their identifiers.
      await sql`create index identity_overrides_feature_identifier_idx
        on identity_overrides (environment_id, feature_id, identifier)`.execute(db);
    },
  };
}
