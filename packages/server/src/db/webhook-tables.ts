/** Rows of what webhooks are sent. Same spelling rules as tables.ts. */
import type { Generated } from "kysely";
import type { Flag, Json, Millis } from "./tables.ts";

/** Environment webhooks have an environment, organisation webhooks only an organisation. */
export interface WebhooksTable {
  id: Generated<number>;
  organisation_id: number;
  environment_id: number | null;
  name: string | null;
  url: string;
  secret: string;
  enabled: Flag;
  created_at: Millis;
  updated_at: Millis;
  /** JSON list of event names; null: what Flagsmith would send. */
  events: Json | null;
  /** `events` names one that only identities' rows tell; while any webhook has this, the database keeps marks. */
  watches_identities: Generated<Flag>;
  /** Of the first failure that nothing delivered has ended since. */
  failing_since: Millis | null;
  last_delivered_at: Millis | null;
  /** Stopped by the server. */
  disabled_at: Millis | null;
  disabled_reason: string | null;
}

export type DeliveryState = "pending" | "delivered" | "failed";

/** One event for one webhook: written with the change it tells of, kept as the log when it is done. */
export interface WebhookDeliveriesTable {
  id: Generated<number>;
  webhook_id: number;
  /** The event's, the same for every webhook and every redelivery. */
  message_id: string;
  event_type: string;
  /** Of one object only the earliest pending delivery is sent. */
  object_key: string;
  body: string;
  state: DeliveryState;
  created_at: Millis;
  finished_at: Millis | null;
  attempts: number;
  next_attempt_at: Millis;
  /** The node that is sending it, and until when no other may. */
  leased_by: string | null;
  leased_until: Millis;
  last_status: number | null;
  last_error: string | null;
  redelivery_of: number | null;
}

export interface WebhookAttemptsTable {
  delivery_id: number;
  /** From 1. */
  number: number;
  at: Millis;
  duration_ms: number;
  status: number | null;
  error: string | null;
  request_headers: Json;
  response_headers: Json;
  response_body: string | null;
}

/** The identity integration: at most one an environment. */
export interface IdentityWebhooksTable {
  id: Generated<number>;
  environment_id: number;
  url: string;
  secret: string;
  created_at: Millis;
  updated_at: Millis;
}

/**
 * Identities that changed since webhooks were last told, and what they were before: written by the database itself with each change, one
 * row however often an identity changes meanwhile. Refers to nothing: it tells of what is gone, too.
 */
export interface IdentityMarksTable {
  environment_id: number;
  identifier: string;
  /** 0: the identity itself and its traits; else its override of that feature. */
  feature_id: number;
  /** The row as it was, JSON; null: there was none. */
  held: Json | null;
  marked_at: Millis;
}

export interface WebhookTables {
  webhooks: WebhooksTable;
  webhook_deliveries: WebhookDeliveriesTable;
  webhook_attempts: WebhookAttemptsTable;
  identity_webhooks: IdentityWebhooksTable;
  identity_marks: IdentityMarksTable;
}
