/** Webhooks as they are shown, and as the audit log keeps them. */
import type { WebhookEvent } from "@burgee/contract/admin";
import { isoTime, isoTimeOrNull } from "../../accounts/present-person.ts";
import { countWaiting } from "./deliveries.store.ts";
import type { Database } from "./events.store.ts";
import type { WebhookRow } from "./webhooks.store.ts";

const eventList = (row: WebhookRow): WebhookEvent[] | null =>
  row.events === null ? null : (JSON.parse(row.events) as WebhookEvent[]);

function statusOf({ enabled, disabled_at, failing_since }: WebhookRow): "active" | "failing" | "paused" | "disabled" {
  if (enabled === 0) return disabled_at === null ? "paused" : "disabled";
  return failing_since === null ? "active" : "failing";
}

/** `waiting`: events that are still to be delivered, by webhook. */
const presentWebhook = (row: WebhookRow, waiting: ReadonlyMap<number, number>) => ({
  id: row.id,
  ...(row.environment_id === null ? { name: row.name } : {}),
  url: row.url,
  enabled: row.enabled === 1,
  secret: row.secret,
  created_at: isoTime(row.created_at),
  updated_at: isoTime(row.updated_at),
  events: eventList(row),
  status: statusOf(row),
  failing_since: isoTimeOrNull(row.failing_since),
  last_delivered_at: isoTimeOrNull(row.last_delivered_at),
  disabled_at: isoTimeOrNull(row.disabled_at),
  disabled_reason: row.disabled_reason,
  waiting: waiting.get(row.id) ?? 0,
});

export async function presentWebhooks(db: Database, rows: readonly WebhookRow[]) {
  const waiting = await countWaiting(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => presentWebhook(row, waiting));
}

/** Without the secret. */
export const auditedWebhook = (row: WebhookRow) => ({
  url: row.url,
  enabled: row.enabled === 1,
  name: row.name,
  signed: row.secret !== "",
  events: eventList(row),
  ...(row.disabled_reason === null ? {} : { disabled_reason: row.disabled_reason }),
});
