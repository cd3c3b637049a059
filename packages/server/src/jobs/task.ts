/** One run of one job by one node: holds the lease, saves progress, and finds out when to stop. */
import type { Db } from "../db/database.ts";
import { type BatchProgress, type JobProblem, JobStopped, type Task } from "./job.ts";
import type { JobFiles } from "./job-files.ts";
import { type JobRow, type Lease, renewLease, saveProgress } from "./job-rows.ts";

export interface TaskDeps {
  readonly db: Db;
  readonly files: JobFiles;
  readonly now: () => number;
  readonly owner: string;
  readonly leaseMs: number;
  readonly isStopping: () => boolean;
  readonly onError: (error: unknown) => void;
}

export interface RunningTask extends Task {
  readonly problems: () => readonly JobProblem[];
  /** Ends the beats. */
  close(): void;
}

const MAX_PROBLEMS = 100;
/** Of the time a batch took, how much is left to others. */
const PAUSE_SHARE = 0.1;
const LONGEST_PAUSE_MS = 50;

export function createTask(job: JobRow, deps: TaskDeps): RunningTask {
  const { db, files, now, owner, leaseMs } = deps;
  let problems: readonly JobProblem[] = JSON.parse(job.problems) as JobProblem[];
  let counts = { done: job.done, changed: job.changed, failed: job.failed };
  /** Of a save whose transaction has perhaps not committed. */
  let pending: (() => void) | undefined;
  let wantsCancel = job.wants_cancel === 1;
  let isLost = false;
  let began = performance.now();

  const lease = (): Lease => ({ owner, until: now() + leaseMs });
  const hear = (answer: boolean | undefined): void => {
    if (answer === undefined) isLost = true;
    else wantsCancel ||= answer;
  };

  // A batch may take longer than the lease; what it writes in the end is checked again by `save`.
  const beat = setInterval(() => {
    renewLease(db.kysely, job.id, lease()).then(hear, deps.onError);
  }, leaseMs / 4);
  beat.unref?.();

  const settle = (): void => {
    pending?.();
    pending = undefined;
  };

  const save = async (progress: BatchProgress, trx?: Parameters<Task["save"]>[1]): Promise<void> => {
    const { done = 0, changed = 0, failed = 0 } = progress;
    const room = MAX_PROBLEMS - problems.length;
    const added = room > 0 ? (progress.problems ?? []).slice(0, room) : [];
    const known = added.length > 0 ? [...problems, ...added] : problems;
    const saved = {
      cursor: JSON.stringify(progress.cursor),
      done,
      changed,
      failed,
      total: progress.total,
      problems: added.length > 0 ? JSON.stringify(known) : undefined,
    };
    const sum = { done: counts.done + done, changed: counts.changed + changed, failed: counts.failed + failed };
    hear(await saveProgress(trx ?? db.kysely, job.id, lease(), saved));
    if (isLost) throw new JobStopped("lease lost");
    pending = () => {
      problems = known;
      counts = sum;
    };
    if (!trx) settle();
  };

  const pause = async (): Promise<void> => {
    settle();
    const tookMs = performance.now() - began;
    await new Promise((resolve) => setTimeout(resolve, Math.min(LONGEST_PAUSE_MS, tookMs * PAUSE_SHARE)));
    began = performance.now();
    if (isLost) throw new JobStopped("lease lost");
    if (wantsCancel) throw new JobStopped("cancelled");
    if (deps.isStopping()) throw new JobStopped("server ends");
  };

  return {
    job,
    payload: JSON.parse(job.payload),
    cursor: job.cursor === null ? undefined : JSON.parse(job.cursor),
    files,
    save,
    pause,
    counts: () => {
      settle();
      return counts;
    },
    problems: () => {
      settle();
      return problems;
    },
    close: () => clearInterval(beat),
  };
}
