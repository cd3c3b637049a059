/** Tables for finding identities, and the triggers that note which of them change. Nothing is indexed here: that follows, beside serving. */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../columns.ts";
import { createTable, type TableSpec } from "./table.ts";

export function createSearch(types: ColumnTypes): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      for (const [name, spec] of Object.entries(tables)) await createTable(db, types, name, spec);
      for (const statement of types.identityIndex) await sql.raw(statement).execute(db);
      // For those who look for the new and the long unseen.
      for (const column of ["created_at", "last_seen_day"]) {
        await db.schema
          .createIndex(`identities_environment_id_${column}_idx`)
          .on("identities")
          .columns(["environment_id", column, "id"])
          .execute();
      }
      await sql`insert into identity_fill (environment_id, next_id, last_id)
        select e.id, 0, (select max(i.id) from identities i where i.environment_id = e.id) from environments e
        where exists (select 1 from identities i where i.environment_id = e.id)`.execute(db);
    },
  };
}

const tables: Record<string, TableSpec> = {
  trait_keys: {
    columns: {
      id: "id",
      environment_id: "integer",
      key: "text",
      type: "text",
      count: "bigint",
      first_seen_at: "bigint",
      last_seen_at: "bigint",
    },
    unique: [["environment_id", "key", "type"]],
  },
  identity_fill: {
    columns: { environment_id: "integer", next_id: "bigint", last_id: "bigint" },
    primaryKey: ["environment_id"],
    references: { environment_id: "environments" },
  },
  identity_sweeps: {
    columns: { environment_id: "integer", next_id: "bigint" },
    primaryKey: ["environment_id"],
  },
  trait_notes: {
    columns: { environment_id: "integer", key: "text", description: "text?", is_personal: "flag" },
    primaryKey: ["environment_id", "key"],
    references: { environment_id: "environments" },
  },
};
