/** Files of features that were made for download, and what was taken in. Both are forgotten after two weeks. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../columns.ts";
import { createTable } from "./table.ts";

export function createFeatureTransfers(types: ColumnTypes): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      await createTable(db, types, "feature_transfers", {
        columns: {
          id: "id",
          environment_id: "integer",
          kind: "text",
          strategy: "text?",
          data: "json?",
          created_at: "bigint",
        },
        indexes: [["created_at"]],
        references: { environment_id: "environments" },
      });
    },
  };
}
