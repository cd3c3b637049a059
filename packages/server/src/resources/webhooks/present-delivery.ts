import type { DeliveryState } from "@burgee/contract/admin";
import { isoTime, isoTimeOrNull } from "../../accounts/present-person.ts";
import type { AttemptRow, DeliveryRow } from "./deliveries.store.ts";

/** Without the environment, which whoever reads it knows: "identity:ada". */
const shownObject = (key: string): string => key.replace(/^identity:\d+:/, "identity:");

export const presentDelivery = (row: Omit<DeliveryRow, "body" | "leased_by" | "leased_until">) => ({
  id: row.id,
  message_id: row.message_id,
  event_type: row.event_type,
  object: shownObject(row.object_key),
  state: row.state satisfies DeliveryState,
  created_at: isoTime(row.created_at),
  finished_at: isoTimeOrNull(row.finished_at),
  attempts: row.attempts,
  next_attempt_at: row.state === "pending" ? isoTime(row.next_attempt_at) : null,
  last_status: row.last_status,
  last_error: row.last_error,
  redelivery_of: row.redelivery_of,
});

export const presentAttempt = (row: AttemptRow) => ({
  number: row.number,
  at: isoTime(row.at),
  duration_ms: row.duration_ms,
  status: row.status,
  error: row.error,
  request_headers: JSON.parse(row.request_headers) as unknown,
  response_headers: JSON.parse(row.response_headers) as unknown,
  response_body: row.response_body,
});
