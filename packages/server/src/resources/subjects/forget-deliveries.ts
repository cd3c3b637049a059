/**
 * Deliveries that name an erased identifier and are still to be sent when it is erased: they are sent, since whoever receives them has to
 * erase it too, and emptied when they are over. What waits for them holds no identifier, only the receipt's hash of it.
 */
import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import type { Db } from "../../db/database.ts";
import type { Tables } from "../../db/tables.ts";
import { type JobHandler, JobPostponed } from "../../jobs/job.ts";
import type { JobAsker, Jobs } from "../../jobs/jobs.ts";
import { hasUntoldChanges, lastDelivery, listIdentityEvents, listNaming, scrubFinished } from "./deliveries.store.ts";

export const forgetDeliveries = "forget_deliveries";

/** By which somebody who knows the identifier can match a receipt, and nobody else can learn it. */
export const hashOf = (receipt: string, identifier: string): string =>
  createHash("sha256").update(`${receipt}:${identifier}`).digest("hex");

interface Progress {
  /** Deliveries that are to be emptied. */
  readonly waiting: readonly number[];
  /** Deliveries up to here were looked at. */
  readonly afterId: number;
}

interface Payload extends Progress {
  readonly organisationId: number;
  readonly receipt: string;
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly erasedAt: number;
}

export interface Erased {
  readonly organisationId: number;
  readonly identifier: string;
  readonly receipt: string;
  readonly erasedAt: number;
  readonly asker: JobAsker;
}

/** What is noted within this time may be the erasure itself, by a clock that is a little wrong. */
const NOTED_MS = 60_000;
/** Deliveries are tried for a day and kept for two weeks. */
const GIVE_UP_MS = 15 * 86_400_000;
const STEP = 200;

/** In the erasure's transaction, after the identity is gone. */
export async function scrubDeliveries(
  trx: Kysely<Tables>,
  jobs: Pick<Jobs, "add">,
  { organisationId, identifier, receipt, erasedAt, asker }: Erased,
): Promise<void> {
  const named = await listNaming(trx, organisationId, identifier);
  const waiting = await scrubFinished(
    trx,
    named.map((row) => row.id),
  );
  if (waiting.length === 0 && !(await hasUntoldChanges(trx, organisationId, erasedAt + NOTED_MS))) return;
  const hash = hashOf(receipt, identifier);
  const afterId = await lastDelivery(trx);
  const payload: Payload = { organisationId, receipt, hash, erasedAt, waiting, afterId };
  await jobs.add({ type: forgetDeliveries, organisationId, environmentId: null, payload, asker }, trx);
}

/** Whether the body of an event about an identity is about the one that was erased. */
function isAbout({ receipt, hash }: Payload, body: string): boolean {
  const { data } = JSON.parse(body) as { readonly data?: { readonly identity?: { readonly identifier?: unknown } } };
  const identifier = data?.identity?.identifier;
  return typeof identifier === "string" && hashOf(receipt, identifier) === hash;
}

async function lookFurther({ kysely }: Db, payload: Payload, progress: Progress): Promise<Progress> {
  const waiting = [...progress.waiting];
  let { afterId } = progress;
  for (;;) {
    const rows = await listIdentityEvents(kysely, payload.organisationId, afterId, STEP);
    waiting.push(...rows.filter((row) => isAbout(payload, row.body)).map((row) => row.id));
    afterId = rows.at(-1)?.id ?? afterId;
    if (rows.length < STEP) return { waiting, afterId };
  }
}

export function createForgetDeliveries({ db, now }: { readonly db: Db; readonly now: () => number }): JobHandler {
  return {
    run: async (task) => {
      const payload = task.payload as Payload;
      const progress = (task.cursor as Progress | undefined) ?? payload;
      const isAllTold = !(await hasUntoldChanges(db.kysely, payload.organisationId, payload.erasedAt + NOTED_MS));
      const { waiting, afterId } = await lookFurther(db, payload, progress);
      const left = await scrubFinished(db.kysely, waiting);
      const age = now() - payload.erasedAt;
      if ((isAllTold && left.length === 0) || age > GIVE_UP_MS) return { summary: "Deliveries of an erasure emptied." };
      await task.save({ cursor: { waiting: left, afterId } satisfies Progress, done: waiting.length - left.length });
      throw new JobPostponed(Math.min(600_000, Math.max(1_000, age / 10)));
    },
  };
}
