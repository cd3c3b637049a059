/** Rows of jobs: who takes one, how far it is, and its end. Whoever writes about a running job holds its lease, or writes nothing. */
import { type Kysely, type Selectable, sql } from "kysely";
import type { Db } from "../db/database.ts";
import type { JobState, JobsTable } from "../db/job-tables.ts";
import type { Tables } from "../db/tables.ts";

export type Database = Kysely<Tables>;
export type JobRow = Selectable<JobsTable>;
export type NewJobRow = Pick<
  JobRow,
  | "type"
  | "organisation_id"
  | "environment_id"
  | "payload"
  | "status"
  | "total"
  | "actor"
  | "created_by"
  | "request_id"
  | "address"
  | "run_at"
  | "unique_key"
  | "expires_at"
>;

/** Who runs a job, and until when nobody else may. */
export interface Lease {
  readonly owner: string;
  readonly until: number;
}

/** undefined: a job of this key is there already. */
export const insertJob = (db: Database, row: NewJobRow, now: number): Promise<JobRow | undefined> =>
  db
    .insertInto("jobs")
    .values({
      ...row,
      uuid: crypto.randomUUID(),
      wants_cancel: 0,
      cursor: null,
      done: 0,
      changed: 0,
      failed: 0,
      problems: "[]",
      summary: "",
      result: null,
      created_at: now,
      started_at: null,
      finished_at: null,
      lease_owner: null,
      lease_until: null,
      attempts: 0,
    })
    .onConflict((conflict) => conflict.column("unique_key").doNothing())
    .returningAll()
    .executeTakeFirst();

/** Whether there may be something to take; as cheap as a point read, since it is asked all the time. */
export async function hasOpenJob({ lane }: Db, types: readonly string[], now: number): Promise<boolean> {
  if (types.length === 0) return false;
  const open = `SELECT id FROM jobs WHERE status IN ('queued', 'running') AND run_at <= ?
    AND (lease_until IS NULL OR lease_until < ?) AND type IN (${types.map(() => "?").join(", ")}) LIMIT 1`;
  return (await lane.get(open, [now, now, ...types])) !== undefined;
}

/** The job of these types that has waited longest and that nobody runs, now this node's. */
export async function takeJob(
  db: Db,
  types: readonly string[],
  lease: Lease,
  now: number,
): Promise<JobRow | undefined> {
  // Where several nodes look at once, each passes over what another is just taking.
  const skip = db.capabilities.multiNode ? sql`for update skip locked` : sql``;
  const { rows } = await sql<JobRow>`
    update jobs set status = 'running', lease_owner = ${lease.owner}, lease_until = ${lease.until},
      attempts = attempts + 1, started_at = coalesce(started_at, ${now})
    where id = (
      select id from jobs where status in ('queued', 'running') and run_at <= ${now}
        and (lease_until is null or lease_until < ${now}) and type in (${sql.join(types)})
      order by run_at, id limit 1 ${skip})
    returning *`.execute(db.kysely);
  return rows[0];
}

/** Whether somebody wants it to end; undefined: the lease is another's, or the job is gone. */
export async function renewLease(db: Database, id: number, { owner, until }: Lease): Promise<boolean | undefined> {
  const row = await db
    .updateTable("jobs")
    .set({ lease_until: until })
    .where("id", "=", id)
    .where("lease_owner", "=", owner)
    .returning("wants_cancel")
    .executeTakeFirst();
  return row && row.wants_cancel === 1;
}

export interface SavedProgress {
  /** JSON. */
  readonly cursor: string;
  readonly done: number;
  readonly changed: number;
  readonly failed: number;
  /** undefined leaves it. */
  readonly total: number | null | undefined;
  /** JSON; undefined leaves them. */
  readonly problems: string | undefined;
}

/** Answers as `renewLease`. Part of the batch's own transaction, it makes batch and progress one. */
export async function saveProgress(
  db: Database,
  id: number,
  lease: Lease,
  saved: SavedProgress,
): Promise<boolean | undefined> {
  const row = await db
    .updateTable("jobs")
    .set({
      lease_until: lease.until,
      attempts: 0,
      cursor: saved.cursor,
      done: sql<number>`done + ${saved.done}`,
      changed: sql<number>`changed + ${saved.changed}`,
      failed: sql<number>`failed + ${saved.failed}`,
      ...(saved.total === undefined ? {} : { total: saved.total }),
      ...(saved.problems === undefined ? {} : { problems: saved.problems }),
    })
    .where("id", "=", id)
    .where("lease_owner", "=", lease.owner)
    .returning("wants_cancel")
    .executeTakeFirst();
  return row && row.wants_cancel === 1;
}

export interface JobEnd {
  readonly status: JobState;
  readonly summary: string;
  /** JSON; null: none. */
  readonly result: string | null;
  /** JSON. */
  readonly problems: string;
  readonly expiresAt: number;
}

export async function endJob(db: Database, id: number, owner: string, end: JobEnd, now: number): Promise<void> {
  await db
    .updateTable("jobs")
    .set({
      status: end.status,
      // May name people, and is of no more use.
      payload: "{}",
      summary: end.summary,
      result: end.result,
      problems: end.problems,
      finished_at: now,
      expires_at: end.expiresAt,
      lease_owner: null,
      lease_until: null,
    })
    .where("id", "=", id)
    .where("lease_owner", "=", owner)
    .execute();
}

/** For the next node to go on with, not before `runAt`. */
export async function releaseJob(db: Database, id: number, owner: string, runAt: number): Promise<void> {
  await db
    .updateTable("jobs")
    .set({ status: "queued", run_at: runAt, lease_owner: null, lease_until: null })
    .where("id", "=", id)
    .where("lease_owner", "=", owner)
    .execute();
}

/** One that has never begun is over at once; any other ends when it next looks. */
export async function cancelJob(db: Database, id: number, now: number): Promise<void> {
  const ended = await db
    .updateTable("jobs")
    .set({
      status: "cancelled",
      payload: "{}",
      finished_at: now,
      summary: "Cancelled before it began.",
      expires_at: now,
    })
    .where("id", "=", id)
    .where("status", "=", "queued")
    .where("started_at", "is", null)
    .returning("id")
    .executeTakeFirst();
  if (ended) return;
  await db
    .updateTable("jobs")
    .set({ wants_cancel: 1, run_at: now })
    .where("id", "=", id)
    .where("status", "in", ["queued", "running"])
    .execute();
}

export const findJob = (db: Database, uuid: string): Promise<JobRow | undefined> =>
  db.selectFrom("jobs").selectAll().where("uuid", "=", uuid).executeTakeFirst();

export const statusOf = (db: Database, id: number) =>
  db.selectFrom("jobs").select(["status", "finished_at"]).where("id", "=", id).executeTakeFirst();

/** What has arrived in whole may run. */
export const queueUpload = (
  db: Database,
  id: number,
  change: { readonly payload: string; readonly total: number | null; readonly runAt: number },
): Promise<JobRow> =>
  db
    .updateTable("jobs")
    .set({ status: "queued", payload: change.payload, total: change.total, run_at: change.runAt, expires_at: null })
    .where("id", "=", id)
    .where("status", "=", "uploading")
    .returningAll()
    .executeTakeFirstOrThrow();

/** Jobs whose files are due to go: finished ones, and uploads that never ended. */
export const listExpired = (db: Database, now: number, limit: number) =>
  db
    .selectFrom("jobs")
    .select(["id", "status"])
    .where("expires_at", "<", now)
    .where("status", "not in", ["queued", "running"])
    .limit(limit)
    .execute();

export async function forgetFiles(db: Database, id: number): Promise<void> {
  await db.updateTable("jobs").set({ expires_at: null }).where("id", "=", id).execute();
}

export async function deleteJob(db: Database, id: number): Promise<void> {
  await db.deleteFrom("jobs").where("id", "=", id).execute();
}

/** Those that were over before `before`; a bounded number. */
export async function deleteOldJobs(db: Database, before: number): Promise<void> {
  await sql`delete from jobs where id in (
    select id from jobs where finished_at < ${before} and expires_at is null limit 1000)`.execute(db);
}
