/**
 * Delivers what is queued: every node looks, each delivery is one node's for as long as it takes. A delivery that was made but not noted,
 * because the process died in between, is made again.
 */
import type { Changes } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import {
  claimDeliveries,
  countAllWaiting,
  countWaiting,
  type DeliveryRow,
  type DueWebhook,
  findDueWebhooks,
  finishAttempt,
  forgetDeliveries,
  releaseDelivery,
  releaseLeases,
} from "./deliveries.store.ts";
import { type SendDeps, type Sent, send, TIMEOUT_MS } from "./delivery.ts";
import { createMarkTeller } from "./mark-teller.ts";
import { type StopDeps, stopWebhook } from "./stop-webhook.ts";
import { findById, listEnabled, noteDelivered, noteFailed, type WebhookRow } from "./webhooks.store.ts";

export interface DeliveryWorkerDeps extends SendDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly log: (message: string) => void;
  readonly sendMail?: StopDeps["sendMail"];
  readonly onError: (error: unknown) => void;
  /** Milliseconds between looks; 0 = only when told to settle. */
  readonly pollMs: number;
  /** What was sent longer ago is forgotten. */
  readonly keepDays: number;
}

export interface DeliveryTotals {
  readonly delivered: number;
  /** Attempts. */
  readonly failed: number;
  readonly givenUp: number;
}

export interface DeliveryWorker {
  /** There may be something to deliver. */
  wake(): void;
  /** Has the database note changes of identities while a webhook wants to know of them. */
  watch(): Promise<void>;
  /** Delivers everything that is due, and what comes due by that. */
  settle(): Promise<void>;
  totals(): DeliveryTotals;
  /** Events that are still to be delivered, of all nodes. */
  waiting(): Promise<number>;
  close(): Promise<void>;
}

const MAX_SENDING = 64;
/** One slow receiver must not take all, and many that are down must leave room for those that are not. */
const MAX_SENDING_EACH = 4;
const MAX_FAILING = 32;
const MAX_FAILING_EACH = 1;
const LEASE_MS = 2 * TIMEOUT_MS;
const CLOSE_MS = 3000;
const LOOK_AROUND_MS = 60_000;
const DAY_MS = 86_400_000;
const MAX_FAILING_MS = 3 * DAY_MS;
const MAX_WAITING = 100_000;

export function createDeliveryWorker(deps: DeliveryWorkerDeps): DeliveryWorker {
  const { db, now, onError, pollMs } = deps;
  const node = crypto.randomUUID();
  const sending = new Map<Promise<void>, DueWebhook>();
  const totals = { delivered: 0, failed: 0, givenUp: 0 };
  const marks = createMarkTeller({ db, now });
  let looking: Promise<void> | undefined;
  let isAskedAgain = false;
  let isClosed = false;
  let lookedAroundAt = Number.NEGATIVE_INFINITY;

  /** How many more may be sent to it now. */
  function roomFor(due: DueWebhook): number {
    const hooks = [...sending.values()];
    const own = hooks.filter((hook) => hook.id === due.id).length;
    const all = MAX_SENDING - hooks.length;
    if (!due.isFailing) return Math.min(all, MAX_SENDING_EACH - own);
    return Math.min(all, MAX_FAILING_EACH - own, MAX_FAILING - hooks.filter((hook) => hook.isFailing).length);
  }

  async function claim(): Promise<number> {
    let claimed = 0;
    for (const due of await findDueWebhooks(db.kysely, now())) {
      const limit = roomFor(due);
      if (limit <= 0 || isClosed) continue;
      const lease = { webhookId: due.id, node, now: now(), until: now() + LEASE_MS, limit };
      const rows = await claimDeliveries(db, lease);
      for (const row of rows) begin(row, due);
      claimed += rows.length;
    }
    return claimed;
  }

  function begin(delivery: DeliveryRow, due: DueWebhook): void {
    const running: Promise<void> = deliver(delivery)
      .catch((error: unknown) => {
        if (!isClosed) onError(error);
      })
      .finally(() => {
        sending.delete(running);
        wake();
      });
    sending.set(running, due);
  }

  async function deliver(delivery: DeliveryRow): Promise<void> {
    const hook = await findById(db.kysely, delivery.webhook_id);
    // Stopped or deleted since it was taken.
    if (hook?.enabled !== 1) return void (await releaseDelivery(db.kysely, delivery));
    const sent = await send(deps, hook, delivery);
    // Noted in one: a success that the webhook does not know of could let it be stopped.
    const isOurs = await db.kysely.transaction().execute(async (trx) => {
      const isNoted = await finishAttempt(trx, delivery, sent);
      if (isNoted && sent.isDelivered) await noteDelivered(trx, hook.id, sent.attempt.at);
      return isNoted;
    });
    if (sent.isDelivered) totals.delivered += 1;
    else await afterFailure(hook, sent, isOurs);
  }

  async function afterFailure(hook: WebhookRow, sent: Sent, isOurs: boolean): Promise<void> {
    totals.failed += 1;
    if (!isOurs) return;
    if (sent.state === "failed") totals.givenUp += 1;
    const since = await noteFailed(db.kysely, hook.id, sent.attempt.at);
    if (sent.isGone) await stopWebhook(deps, hook, "The receiver answered 410 Gone.");
    else if (now() - since >= MAX_FAILING_MS) await stopWebhook(deps, hook, "Nothing was delivered for three days.");
  }

  /** What needs no hurry. */
  async function lookAround(): Promise<void> {
    if (now() - lookedAroundAt < LOOK_AROUND_MS) return;
    lookedAroundAt = now();
    await db.identityMarks.follow();
    const hooks = await listEnabled(db.kysely);
    for (const [id, waiting] of await countWaiting(db.kysely, hooks)) {
      if (waiting > MAX_WAITING) await stopWebhook(deps, { id }, `More than ${MAX_WAITING} events waited.`);
    }
    await forgetDeliveries(db.kysely, now() - deps.keepDays * DAY_MS);
  }

  async function look(atOnce = false): Promise<number> {
    await lookAround();
    const told = await marks.tell(atOnce);
    return told + (await claim());
  }

  function wake(): void {
    if (pollMs === 0 || isClosed) return;
    if (looking) {
      isAskedAgain = true;
      return;
    }
    looking = look()
      .then(() => {})
      .catch((error: unknown) => {
        if (!isClosed) onError(error);
      })
      .finally(() => {
        looking = undefined;
        if (isAskedAgain) setImmediate(wake);
        isAskedAgain = false;
      });
  }

  const timer = pollMs > 0 ? setInterval(wake, pollMs) : undefined;
  timer?.unref?.();
  // A store of one process: what was being sent when the last one ended is nobody's now.
  const begun = db.capabilities.multiNode || pollMs === 0 ? Promise.resolve() : releaseLeases(db.kysely);
  void begun.then(wake, onError);

  return {
    wake,
    watch: db.identityMarks.follow,
    settle: async () => {
      for (;;) {
        await looking;
        lookedAroundAt = Number.NEGATIVE_INFINITY;
        const found = await look(true);
        if (found === 0 && sending.size === 0) return;
        await Promise.all(sending.keys());
      }
    },
    totals: () => totals,
    waiting: () => countAllWaiting(db.kysely),
    close: async () => {
      isClosed = true;
      clearInterval(timer);
      await looking;
      if (sending.size === 0) return;
      await Promise.race([Promise.all(sending.keys()), new Promise((resolve) => setTimeout(resolve, CLOSE_MS))]);
      await releaseLeases(db.kysely, node).catch(onError);
    },
  };
}
