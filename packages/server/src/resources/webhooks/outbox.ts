/** What a commit tells webhooks: one row for each event and webhook, in the commit's own transaction. */
import type { WebhookEvent } from "@burgee/contract/admin";
import type { Outbox, Written } from "../../changes/commit.ts";
import { auditEvents } from "./audit-events.ts";
import { authorOf } from "./author.ts";
import { bodyText } from "./body-text.ts";
import { insertDeliveries } from "./deliveries.store.ts";
import { eventsOf, type HookEvent, isFor, type Listener, wants } from "./event.ts";
import { type Database, listListeners } from "./events.store.ts";
import { flagEvents } from "./flag-events.ts";
import { segmentEvents } from "./segment-events.ts";

/** As Standard Webhooks names messages. */
const newMessageId = (): string => `msg_${crypto.randomUUID().replaceAll("-", "")}`;

/** In this order; returns how many rows that made. */
export async function enqueue(
  db: Database,
  listeners: readonly Listener[],
  events: readonly HookEvent[],
  now: number,
): Promise<number> {
  const rows = events.flatMap((event) => {
    const told = listeners.filter((listener) => isFor(listener, event));
    if (told.length === 0) return [];
    const message = {
      message_id: newMessageId(),
      event_type: event.type,
      object_key: event.object,
      body: bodyText({ event_type: event.type, data: event.data }),
      created_at: now,
      next_attempt_at: now,
    };
    return told.map(({ id }) => ({ ...message, webhook_id: id }));
  });
  await insertDeliveries(db, rows);
  return rows.length;
}

async function eventsFor(db: Database, written: Written, listeners: readonly Listener[]): Promise<HookEvent[]> {
  const wanted = new Set<WebhookEvent>(
    listeners.flatMap((listener) => eventsOf(listener).filter((type) => wants(listener, type))),
  );
  const author = await authorOf(db, written.request.actor);
  return [
    ...(await flagEvents(db, written, author, wanted)),
    ...(await segmentEvents(db, written, author, wanted)),
    ...(wanted.has("AUDIT_LOG_CREATED") ? await auditEvents(db, written, author) : []),
  ];
}

export interface OutboxDeps {
  /** There may be something to deliver. */
  readonly wake: () => void;
}

export function createOutbox({ wake }: OutboxDeps): Outbox {
  const nothing = () => {};
  return async (trx, written) => {
    const organisations = new Set(written.entries.flatMap((entry) => entry.organisationId ?? []));
    if (organisations.size === 0) return nothing;
    const listeners = await listListeners(trx, [...organisations]);
    if (listeners.length === 0) return nothing;
    const rows = await enqueue(trx, listeners, await eventsFor(trx, written, listeners), written.at);
    return rows > 0 ? wake : nothing;
  };
}
