/** Events that SDKs report: exposures of experiments and what the application calls its own. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../columns.ts";
import { createTable } from "./table.ts";

export function createEvents(types: ColumnTypes): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      await createTable(db, types, "events", {
        columns: {
          id: "id",
          environment_id: "integer",
          received_at: "bigint",
          occurred_at: "bigint",
          event: "text",
          feature_name: "text?",
          identifier: "text?",
          value: "json?",
          traits: "json?",
          metadata: "json?",
        },
        indexes: [["environment_id", "event", "occurred_at"], ["received_at"]],
        references: { environment_id: "environments" },
      });
    },
  };
}
