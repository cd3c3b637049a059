/** What is told, and to which webhooks. */
import { createHash } from "node:crypto";
import { FLAGSMITH_EVENTS, type WebhookEvent } from "@burgee/contract/admin";

export interface HookEvent {
  readonly type: WebhookEvent;
  /** Of one object events arrive in order. */
  readonly object: string;
  readonly organisationId: number;
  /** Told to webhooks of this environment; null: of all of the project's. */
  readonly environmentId: number | null;
  readonly projectId: number | null;
  readonly data: unknown;
}

/** A webhook that is to be told, as the outbox reads it. */
export interface Listener {
  readonly id: number;
  readonly organisation_id: number;
  readonly environment_id: number | null;
  /** Of the environment. */
  readonly project_id: number | null;
  /** JSON list; null: what Flagsmith would send. */
  readonly events: string | null;
}

const IDENTITY_EVENTS: ReadonlySet<WebhookEvent> = new Set([
  "IDENTITY_CREATED",
  "IDENTITY_DELETED",
  "TRAITS_UPDATED",
  "IDENTITY_OVERRIDE_UPDATED",
  "IDENTITY_OVERRIDE_DELETED",
]);

/** These are told from the marks that the database keeps, whoever changed an identity; the others from what was committed. */
export const watchesIdentities = (events: readonly WebhookEvent[] | null): boolean =>
  events?.some((event) => IDENTITY_EVENTS.has(event)) ?? false;

export const eventsOf = ({ events }: Pick<Listener, "events">): readonly WebhookEvent[] =>
  events === null ? FLAGSMITH_EVENTS : (JSON.parse(events) as WebhookEvent[]);

/** The audit log is the organisation's. */
export const wants = (listener: Listener, type: WebhookEvent): boolean =>
  eventsOf(listener).includes(type) && (type !== "AUDIT_LOG_CREATED" || listener.environment_id === null);

export function isFor(listener: Listener, event: HookEvent): boolean {
  if (listener.organisation_id !== event.organisationId || !wants(listener, event.type)) return false;
  if (listener.environment_id === null) return true;
  if (event.environmentId !== null) return listener.environment_id === event.environmentId;
  return event.projectId !== null && listener.project_id === event.projectId;
}

/** Identifiers may be long; indexes of text may not. */
export const objectKey = (type: string, id: string): string =>
  `${type}:${id.length <= 100 ? id : createHash("sha256").update(id, "utf8").digest("hex")}`;
