/** What each audit entry is about, so that one thing's history is found without reading everybody's. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../columns.ts";
import { createTable } from "./table.ts";

export function createAuditSubjects(types: ColumnTypes): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      await createTable(db, types, "audit_subjects", {
        columns: { audit_id: "integer", subject_type: "text", subject_id: "text" },
        primaryKey: ["subject_type", "subject_id", "audit_id"],
        references: { audit_id: "audit" },
      });
    },
  };
}
