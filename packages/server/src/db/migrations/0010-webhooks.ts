/** What webhooks are still to be sent, what they were sent, and what of identities they are to be told. */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../columns.ts";
import { createTable, type TableSpec } from "./table.ts";

export function createWebhookDeliveries(types: ColumnTypes): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      await addHookColumns(db, types);
      for (const [name, spec] of Object.entries(tables)) await createTable(db, types, name, spec);
      await createQueueIndexes(db);
    },
  };
}

const tables: Record<string, TableSpec> = {
  webhook_deliveries: {
    columns: {
      id: "id",
      webhook_id: "integer",
      message_id: "text",
      event_type: "text",
      object_key: "text",
      body: "text",
      state: "text",
      created_at: "bigint",
      finished_at: "bigint?",
      attempts: "integer",
      next_attempt_at: "bigint",
      leased_by: "text?",
      leased_until: "bigint",
      last_status: "integer?",
      last_error: "text?",
      redelivery_of: "integer?",
    },
    indexes: [["webhook_id", "id"], ["created_at"]],
    references: { webhook_id: "webhooks" },
  },
  webhook_attempts: {
    columns: {
      delivery_id: "integer",
      number: "integer",
      at: "bigint",
      duration_ms: "integer",
      status: "integer?",
      error: "text?",
      request_headers: "json",
      response_headers: "json",
      response_body: "text?",
    },
    primaryKey: ["delivery_id", "number"],
    references: { delivery_id: "webhook_deliveries" },
  },
  identity_webhooks: {
    columns: {
      id: "id",
      environment_id: "integer",
      url: "text",
      secret: "text",
      created_at: "bigint",
      updated_at: "bigint",
    },
    unique: [["environment_id"]],
    references: { environment_id: "environments" },
  },
  identity_marks: {
    columns: {
      environment_id: "integer",
      identifier: "text",
      feature_id: "integer",
      held: "text?",
      marked_at: "bigint",
    },
    primaryKey: ["environment_id", "identifier", "feature_id"],
    indexes: [["marked_at"]],
  },
};

async function addHookColumns(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const add = (name: string, type: ColumnTypes["text"], isFlag = false) =>
    db.schema
      .alterTable("webhooks")
      .addColumn(name, type, (column) => (isFlag ? column.notNull().defaultTo(0) : column))
      .execute();
  await add("events", types.json);
  await add("watches_identities", types.flag, true);
  await add("failing_since", types.bigint);
  await add("last_delivered_at", types.bigint);
  await add("disabled_at", types.bigint);
  await add("disabled_reason", types.text);
}

/** Few deliveries are pending; those that are done are many. */
async function createQueueIndexes(db: Kysely<unknown>): Promise<void> {
  await sql`create index webhook_deliveries_due_idx on webhook_deliveries (webhook_id, next_attempt_at)
    where state = 'pending'`.execute(db);
  await sql`create index webhook_deliveries_order_idx on webhook_deliveries (webhook_id, object_key, id)
    where state = 'pending'`.execute(db);
}
