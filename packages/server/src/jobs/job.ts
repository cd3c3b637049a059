/** What a handler of jobs is given, and what it gives back. */
import type { Transaction } from "kysely";
import type { Tables } from "../db/tables.ts";
import type { JobFiles } from "./job-files.ts";
import type { JobRow } from "./job-rows.ts";

export type { JobRow } from "./job-rows.ts";

export interface JobProblem {
  /** Of the file, from 1. */
  readonly line?: number | undefined;
  readonly identifier?: string | undefined;
  readonly message: string;
}

/** What a batch adds. */
export interface BatchProgress {
  /** Where the next batch begins; JSON. */
  readonly cursor: unknown;
  readonly done?: number;
  readonly changed?: number;
  readonly failed?: number;
  /** Left out, it stays as it is. */
  readonly total?: number | null;
  readonly problems?: readonly JobProblem[];
}

export interface Task {
  readonly job: JobRow;
  /** As it was given to `add`. */
  readonly payload: unknown;
  /** Of the last batch that was saved; undefined: none was. */
  readonly cursor: unknown;
  readonly files: JobFiles;
  /**
   * In the transaction of the batch, batch and progress are kept together or not at all. Throws JobStopped where the job has become
   * another node's, and then the transaction must not commit.
   */
  save(progress: BatchProgress, trx?: Transaction<Tables>): Promise<void>;
  /** After every batch: lets others at the database and the event loop. Throws JobStopped on a cancel, and when the server ends. */
  pause(): Promise<void>;
  /** As saved so far. */
  counts(): { readonly done: number; readonly changed: number; readonly failed: number };
}

export interface JobOutcome {
  /** One sentence for people. */
  readonly summary: string;
  /** Figures. */
  readonly result?: Readonly<Record<string, unknown>>;
  /** The job wrote "output" pieces; what they are. */
  readonly file?: { readonly type: string; readonly name: string };
}

export type JobEnding = "done" | "failed" | "cancelled";

export interface JobHandler {
  /** Batch by batch, from `task.cursor` on: it may be called again after a crash, on another node. */
  run(task: Task): Promise<JobOutcome>;
  /** Called when it is over, before that is stored; again after a crash in between. For what is due however it ended. */
  ended?(task: Task, how: JobEnding): Promise<void>;
}

/** Leaves a handler between two batches. Not an error of the job's: catch it only to throw it again. */
export class JobStopped extends Error {
  readonly reason: "cancelled" | "lease lost" | "server ends";

  constructor(reason: JobStopped["reason"]) {
    super(reason);
    this.reason = reason;
  }
}

/** The job cannot be done, and trying again does not help. Its message is for people. */
export class JobFailure extends Error {}

/** There is nothing to do yet: the job is asked again in so many milliseconds, without counting as a failure. Save before. */
export class JobPostponed extends Error {
  readonly waitMs: number;

  constructor(waitMs: number) {
    super("postponed");
    this.waitMs = waitMs;
  }
}
