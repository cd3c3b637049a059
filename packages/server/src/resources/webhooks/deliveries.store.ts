/** The queue of what webhooks are to be sent, which is the log of what they were sent, too. */
import { type Insertable, type Kysely, type Selectable, sql } from "kysely";
import type { Db } from "../../db/database.ts";
import type { Tables } from "../../db/tables.ts";
import type { DeliveryState, WebhookAttemptsTable, WebhookDeliveriesTable } from "../../db/webhook-tables.ts";

type Database = Kysely<Tables>;
export type DeliveryRow = Selectable<WebhookDeliveriesTable>;
export type AttemptRow = Selectable<WebhookAttemptsTable>;

export type NewDelivery = Omit<
  Insertable<WebhookDeliveriesTable>,
  "id" | "state" | "attempts" | "leased_until" | "finished_at" | "leased_by" | "last_status" | "last_error"
>;

const PART = 200;

const fresh = (row: NewDelivery) => ({ ...row, state: "pending" as const, attempts: 0, leased_until: 0 });

export const insertDelivery = (db: Database, delivery: NewDelivery): Promise<DeliveryRow> =>
  db.insertInto("webhook_deliveries").values(fresh(delivery)).returningAll().executeTakeFirstOrThrow();

export async function insertDeliveries(db: Database, deliveries: readonly NewDelivery[]): Promise<void> {
  const rows = deliveries.map(fresh);
  for (let start = 0; start < rows.length; start += PART) {
    await db
      .insertInto("webhook_deliveries")
      .values(rows.slice(start, start + PART))
      .execute();
  }
}

// Written out, because only a condition that the planner can read lets it use the indexes of what is pending.
const isPending = sql<boolean>`d.state = 'pending'`;

export interface DueWebhook {
  readonly id: number;
  readonly isFailing: boolean;
}

/** Webhooks that have something to send now; those whose receivers answer come first. */
export async function findDueWebhooks(db: Database, now: number): Promise<DueWebhook[]> {
  const rows = await db
    .selectFrom("webhooks as w")
    .select(["w.id", "w.failing_since"])
    .where("w.enabled", "=", 1)
    .where((where) =>
      where.exists(
        where
          .selectFrom("webhook_deliveries as d")
          .select("d.id")
          .whereRef("d.webhook_id", "=", "w.id")
          .where(isPending)
          .where("d.next_attempt_at", "<=", now)
          .where("d.leased_until", "<=", now),
      ),
    )
    .execute();
  return rows
    .map((row) => ({ id: row.id, isFailing: row.failing_since !== null }))
    .sort((a, b) => Number(a.isFailing) - Number(b.isFailing));
}

export interface Claim {
  readonly webhookId: number;
  readonly node: string;
  readonly now: number;
  readonly until: number;
  readonly limit: number;
}

/**
 * Takes the webhook's next deliveries for this node: due, nobody's, and the earliest pending one of their object. Two nodes never get
 * the same: the condition is looked at again where a row is locked, and where the database can, locked rows are passed over. The earliest
 * is looked up for each rather than ruled out by "not exists", which planners without statistics make a comparison of all with all.
 */
export async function claimDeliveries({ kysely, capabilities }: Db, claim: Claim): Promise<DeliveryRow[]> {
  const { webhookId, node, now, until, limit } = claim;
  const passing = capabilities.multiNode ? sql`for update of d skip locked` : sql``;
  const { rows } = await sql<{ id: number }>`
    update webhook_deliveries set leased_by = ${node}, leased_until = ${until}
    where state = 'pending' and leased_until <= ${now} and id in (
      select d.id from webhook_deliveries d
      where d.webhook_id = ${webhookId} and d.state = 'pending' and d.next_attempt_at <= ${now} and d.leased_until <= ${now}
        and d.id = (
          select earlier.id from webhook_deliveries earlier
          where earlier.webhook_id = d.webhook_id and earlier.object_key = d.object_key and earlier.state = 'pending'
          order by earlier.id limit 1)
      order by d.id limit ${limit} ${passing})
    returning id`.execute(kysely);
  if (rows.length === 0) return [];
  return kysely
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where(
      "id",
      "in",
      rows.map((row) => row.id),
    )
    .orderBy("id")
    .execute();
}

export interface Outcome {
  readonly state: DeliveryState;
  readonly nextAttemptAt: number;
  readonly attempt: Insertable<WebhookAttemptsTable>;
}

/** False where the delivery is not this node's any more: it took too long, and somebody else has it. */
export async function finishAttempt(db: Database, delivery: DeliveryRow, outcome: Outcome): Promise<boolean> {
  const { attempt, state } = outcome;
  const written = await db
    .updateTable("webhook_deliveries")
    .set({
      state,
      attempts: attempt.number,
      next_attempt_at: outcome.nextAttemptAt,
      finished_at: state === "pending" ? null : attempt.at + attempt.duration_ms,
      leased_by: null,
      leased_until: 0,
      last_status: attempt.status ?? null,
      last_error: attempt.error ?? null,
    })
    .where("id", "=", delivery.id)
    .where("state", "=", "pending")
    .where("leased_by", "=", delivery.leased_by)
    .where("leased_until", "=", delivery.leased_until)
    .executeTakeFirst();
  if (written.numUpdatedRows === 0n) return false;
  await db
    .insertInto("webhook_attempts")
    .values(attempt)
    .onConflict((conflict) => conflict.columns(["delivery_id", "number"]).doNothing())
    .execute();
  return true;
}

/** Nobody's again, untried. */
export const releaseDelivery = (db: Database, { id, leased_by }: DeliveryRow) =>
  db
    .updateTable("webhook_deliveries")
    .set({ leased_by: null, leased_until: 0 })
    .where("id", "=", id)
    .where("leased_by", "=", leased_by)
    .execute();

/** What a node that stops, or that starts and knows itself to be alone, gives back. */
export const releaseLeases = (db: Database, node?: string) => {
  const query = db
    .updateTable("webhook_deliveries")
    .set({ leased_by: null, leased_until: 0 })
    .where(sql<boolean>`state = 'pending'`)
    .where("leased_until", ">", 0);
  return (node === undefined ? query : query.where("leased_by", "=", node)).execute();
};

export interface DeliveryFilter {
  readonly webhookId: number;
  readonly state?: DeliveryState | undefined;
  readonly event?: string | undefined;
  /** Only older ones. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Newest first, without their bodies. */
export function listDeliveries(db: Database, { webhookId, state, event, before, limit }: DeliveryFilter) {
  let query = db
    .selectFrom("webhook_deliveries")
    .select([
      "id",
      "webhook_id",
      "message_id",
      "event_type",
      "object_key",
      "state",
      "created_at",
      "finished_at",
      "attempts",
      "next_attempt_at",
      "last_status",
      "last_error",
      "redelivery_of",
    ])
    .where("webhook_id", "=", webhookId)
    .orderBy("id", "desc")
    .limit(limit);
  if (state) query = query.where("state", "=", state);
  if (event) query = query.where("event_type", "=", event);
  if (before !== undefined) query = query.where("id", "<", before);
  return query.execute();
}

export const findDelivery = (db: Database, webhookId: number, id: number): Promise<DeliveryRow | undefined> =>
  db
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where("webhook_id", "=", webhookId)
    .where("id", "=", id)
    .executeTakeFirst();

export const listAttempts = (db: Database, deliveryId: number, limit: number): Promise<AttemptRow[]> =>
  db
    .selectFrom("webhook_attempts")
    .selectAll()
    .where("delivery_id", "=", deliveryId)
    .orderBy("number", "desc")
    .limit(limit)
    .execute();

/** A pending one is tried as soon as it may be. */
export const hurryDelivery = (db: Database, id: number, now: number) =>
  db
    .updateTable("webhook_deliveries")
    .set({ next_attempt_at: now })
    .where("id", "=", id)
    .where("state", "=", "pending")
    .where("next_attempt_at", ">", now)
    .execute();

export async function countWaiting(db: Database, webhookIds: readonly number[]): Promise<ReadonlyMap<number, number>> {
  if (webhookIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("webhook_deliveries as d")
    .select((select) => ["d.webhook_id", select.fn.countAll<number | string>().as("count")])
    .where(isPending)
    .where("d.webhook_id", "in", [...webhookIds])
    .groupBy("d.webhook_id")
    .execute();
  return new Map(rows.map((row) => [row.webhook_id, Number(row.count)]));
}

export async function countAllWaiting(db: Database): Promise<number> {
  const row = await db
    .selectFrom("webhook_deliveries as d")
    .innerJoin("webhooks as w", "w.id", "d.webhook_id")
    .select((select) => select.fn.countAll<number | string>().as("count"))
    .where(isPending)
    .where("w.enabled", "=", 1)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** In steps short enough for everybody else's writes. */
export async function forgetDeliveries(db: Database, before: number): Promise<void> {
  for (;;) {
    const old = db.selectFrom("webhook_deliveries").select("id").where("created_at", "<", before).limit(500);
    const rows = await db.deleteFrom("webhook_deliveries").where("id", "in", old).returning("id").execute();
    if (rows.length < 500) return;
  }
}
