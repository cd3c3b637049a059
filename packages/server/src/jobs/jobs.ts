/**
 * Background jobs: kept in one table, so that they survive a crash; run by whichever node takes them, under a lease that it renews;
 * done in batches, each of which saves where the next begins. Nouns say how a type of job is done: `jobs.handle(type, { run })`.
 */
import type { Db } from "../db/database.ts";
import { isAppError } from "../errors.ts";
import { cleanUp } from "./clean-up.ts";
import type { JobEnding, JobHandler, JobOutcome, JobRow } from "./job.ts";
import { JobFailure, JobPostponed, JobStopped } from "./job.ts";
import { createJobFiles, type JobFiles } from "./job-files.ts";
import {
  cancelJob,
  type Database,
  deleteJob,
  endJob,
  hasOpenJob,
  insertJob,
  queueUpload,
  releaseJob,
  statusOf,
  takeJob,
} from "./job-rows.ts";
import { createTask, type RunningTask } from "./task.ts";

/** Who asked for a job. */
export interface JobAsker {
  /** As the audit log writes it. */
  readonly actor: string;
  /** For people. */
  readonly name: string;
  readonly requestId: string | null;
  readonly address?: string | null;
}

export interface NewJob {
  readonly type: string;
  readonly organisationId: number | null;
  readonly environmentId: number | null;
  /** JSON. */
  readonly payload: unknown;
  readonly asker: JobAsker;
  readonly total?: number | null;
  /** Of two jobs with one key only the first is kept. */
  readonly uniqueKey?: string;
}

export interface Jobs {
  /** Once for each type, before `start`. */
  handle(type: string, handler: JobHandler): void;
  /** undefined: one of this unique key is there already. In a transaction it runs when and if that commits. */
  add(job: NewJob, trx?: Database): Promise<JobRow | undefined>;
  /** One whose input is still to be written: `files.write(id, "input", …)`, then `queue`. */
  addUpload(job: NewJob): Promise<JobRow>;
  /** Forgets it with what of it had arrived. */
  dropUpload(upload: JobRow): Promise<void>;
  queue(job: JobRow, change: { readonly payload: unknown; readonly total: number | null }): Promise<JobRow>;
  cancel(job: JobRow): Promise<void>;
  /** Resolves when it is over, or after `limitMs`; true: it is over. */
  settled(job: JobRow, limitMs: number): Promise<boolean>;
  readonly files: JobFiles;
  start(): void;
  /** Lets running batches end; what is left of their jobs is for the next node. */
  close(): Promise<void>;
}

export interface JobsDeps {
  readonly db: Db;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  /** Jobs at one time. */
  readonly slots?: number;
  /** Others are left to other processes, as are types that nobody here handles: a newer release may know them. */
  readonly only?: readonly string[];
  readonly pollMs?: number;
  /** A node that says nothing for so long has lost its job. Clocks of nodes may differ by less than this. */
  readonly leaseMs?: number;
}

const MAX_ATTEMPTS = 5;
const FIRST_RETRY_MS = 500;
const UPLOAD_LIMIT_MS = 3_600_000;
const KEEP_FILES_MS = 86_400_000;
const CLEAN_EVERY_MS = 600_000;

export function createJobs({ db, now, onError, slots = 3, only, pollMs = 1000, leaseMs = 10_000 }: JobsDeps): Jobs {
  const owner = crypto.randomUUID();
  const handlers = new Map<string, JobHandler>();
  const files = createJobFiles(db);
  const running = new Set<Promise<void>>();
  const waiting = new Map<number, Set<() => void>>();
  let isStopping = false;
  let isLooking = false;
  let mustLook = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let cleaning: ReturnType<typeof setInterval> | undefined;

  const types = (): string[] => [...handlers.keys()].filter((type) => only?.includes(type) ?? true);

  const tell = (id: number): void => {
    for (const resolve of waiting.get(id) ?? []) resolve();
  };

  async function end(task: RunningTask, how: JobEnding, outcome: JobOutcome): Promise<void> {
    await handlers.get(task.job.type)?.ended?.(task, how);
    const { summary, result, file } = outcome;
    const stored = result || file ? JSON.stringify({ ...result, ...(file ? { file } : {}) }) : null;
    const problems = JSON.stringify(task.problems());
    const expiresAt = now() + (file ? KEEP_FILES_MS : 0);
    await files.remove(task.job.id, "input");
    await endJob(db.kysely, task.job.id, owner, { status: how, summary, result: stored, problems, expiresAt }, now());
  }

  /** How often it was tried since it last got anywhere. */
  const retryAt = ({ attempts }: JobRow): number => now() + FIRST_RETRY_MS * 2 ** Math.min(attempts, 6);

  async function settleFailure(task: RunningTask, error: unknown): Promise<void> {
    const { job } = task;
    if (error instanceof JobStopped) {
      if (error.reason === "server ends") await releaseJob(db.kysely, job.id, owner, now());
      if (error.reason === "cancelled") {
        const { changed } = task.counts();
        await end(task, "cancelled", { summary: `Cancelled; ${changed} had been changed, and stay so.` });
      }
      return;
    }
    if (error instanceof JobFailure) return end(task, "failed", { summary: error.message });
    if (error instanceof JobPostponed) return releaseJob(db.kysely, job.id, owner, now() + error.waitMs);
    onError(error);
    const isAway = isAppError(error, "database_unavailable") || isAppError(error, "database_busy");
    if (isAway || job.attempts < MAX_ATTEMPTS) await releaseJob(db.kysely, job.id, owner, retryAt(job));
    else await end(task, "failed", { summary: "It failed again and again; the server's log says why." });
  }

  async function run(job: JobRow): Promise<void> {
    const task = createTask(job, { db, files, now, owner, leaseMs, isStopping: () => isStopping, onError });
    try {
      const handler = handlers.get(job.type);
      if (!handler) throw new JobFailure(`This server does not know jobs of type ${job.type}.`);
      if (job.wants_cancel === 1) throw new JobStopped("cancelled");
      // A crash takes the process along, so that nobody is left to count it but the next.
      if (job.attempts > MAX_ATTEMPTS) throw new JobFailure("It ended the server again and again, or was cut off.");
      await end(task, "done", await handler.run(task));
    } catch (error) {
      // What cannot even be said is found by the next node, when the lease has run out.
      await settleFailure(task, error).catch(onError);
    } finally {
      task.close();
      tell(job.id);
    }
  }

  async function look(): Promise<void> {
    if (isStopping) return;
    mustLook = true;
    if (isLooking) return;
    isLooking = true;
    try {
      while (mustLook) {
        mustLook = false;
        await takeSome();
      }
    } catch (error) {
      onError(error);
    } finally {
      isLooking = false;
    }
  }

  async function takeSome(): Promise<void> {
    while (running.size < slots && !isStopping && (await hasOpenJob(db, types(), now()))) {
      const job = await takeJob(db, types(), { owner, until: now() + leaseMs }, now());
      if (!job) return;
      const work = run(job).finally(() => {
        running.delete(work);
        wake();
      });
      running.add(work);
    }
  }

  function wake(): void {
    if (timer === undefined || isStopping) return;
    clearTimeout(timer);
    timer = setTimeout(tick, 0);
  }

  function tick(): void {
    void look().finally(() => {
      if (isStopping) return;
      clearTimeout(timer);
      timer = setTimeout(tick, pollMs);
      timer.unref?.();
    });
  }

  const rowOf = (job: NewJob, status: "queued" | "uploading") => ({
    type: job.type,
    organisation_id: job.organisationId,
    environment_id: job.environmentId,
    payload: JSON.stringify(job.payload),
    status,
    total: job.total ?? null,
    actor: job.asker.actor,
    created_by: job.asker.name,
    request_id: job.asker.requestId,
    address: job.asker.address || null,
    run_at: now(),
    unique_key: job.uniqueKey ?? null,
    expires_at: status === "uploading" ? now() + UPLOAD_LIMIT_MS : null,
  });

  return {
    files,
    handle: (type, handler) => {
      if (handlers.has(type)) throw new Error(`jobs of type ${type} have a handler already`);
      handlers.set(type, handler);
    },
    add: async (job, trx) => {
      const row = await insertJob(trx ?? db.kysely, rowOf(job, "queued"), now());
      if (row) wake();
      return row;
    },
    addUpload: async (job) => {
      const row = await insertJob(db.kysely, rowOf(job, "uploading"), now());
      if (!row) throw new Error("an upload has no unique key");
      return row;
    },
    dropUpload: async ({ id }) => {
      await files.remove(id, "input");
      await deleteJob(db.kysely, id);
    },
    queue: async (job, { payload, total }) => {
      const row = await queueUpload(db.kysely, job.id, { payload: JSON.stringify(payload), total, runAt: now() });
      wake();
      return row;
    },
    cancel: async (job) => {
      await cancelJob(db.kysely, job.id, now());
      wake();
    },
    settled: async (job, limitMs) => {
      const deadline = Date.now() + limitMs;
      // One that was added in a transaction could not be seen before its end.
      wake();
      for (;;) {
        const row = await statusOf(db.kysely, job.id);
        if (!row || row.finished_at !== null) return true;
        const leftMs = deadline - Date.now();
        if (leftMs <= 0) return false;
        const { promise, resolve } = Promise.withResolvers<void>();
        const others = waiting.get(job.id) ?? new Set();
        waiting.set(job.id, others.add(resolve));
        const late = setTimeout(resolve, Math.min(leftMs, 250));
        await promise;
        clearTimeout(late);
        others.delete(resolve);
        if (others.size === 0) waiting.delete(job.id);
      }
    },
    start: () => {
      if (timer !== undefined) return;
      timer = setTimeout(tick, pollMs);
      timer.unref?.();
      cleaning = setInterval(() => void cleanUp(db, files, now()).catch(onError), CLEAN_EVERY_MS);
      cleaning.unref?.();
    },
    close: async () => {
      isStopping = true;
      clearTimeout(timer);
      clearInterval(cleaning);
      await Promise.all(running);
    },
  };
}
