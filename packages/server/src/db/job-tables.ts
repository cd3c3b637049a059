/** Rows of background jobs. Same spelling rules as tables.ts. */
import type { Generated } from "kysely";
import type { Flag, Json, Millis } from "./tables.ts";

/** "uploading" = its input is still arriving; nobody sees or runs it. */
export type JobState = "uploading" | "queued" | "running" | "done" | "failed" | "cancelled";

/** They refer to nothing: a job may outlive what it clears away. */
export interface JobsTable {
  id: Generated<number>;
  uuid: string;
  type: string;
  organisation_id: number | null;
  /** null: it is about more than one environment. */
  environment_id: number | null;
  payload: Json;
  status: JobState;
  /** Somebody wants it to end; it does between two batches. */
  wants_cancel: Flag;
  /** Where the next batch begins, as the job's handler spells it; null: at the start. */
  cursor: Json | null;
  done: number;
  total: number | null;
  changed: number;
  failed: number;
  /** JSON list of the first problems. */
  problems: Json;
  summary: string;
  result: Json | null;
  /** Who asked, as the audit log writes it, and the same for people. */
  actor: string;
  created_by: string;
  request_id: string | null;
  address: string | null;
  created_at: Millis;
  started_at: Millis | null;
  finished_at: Millis | null;
  /** Not before. */
  run_at: Millis;
  /** The node that runs it, and until when nobody else may. */
  lease_owner: string | null;
  lease_until: Millis | null;
  /** Starts since the last batch that was finished. */
  attempts: number;
  /** Of two jobs with one key only the first is kept; null: any number. */
  unique_key: string | null;
  /** Its files, and unfinished uploads, are removed then. */
  expires_at: Millis | null;
}

/** Files of jobs, in pieces: what was sent to them, and what they made. Any node serves them. */
export interface JobFilesTable {
  job_id: number;
  kind: "input" | "output";
  /** From 0. */
  piece: number;
  /** Where the piece begins, from 1. */
  first_line: number;
  text: string;
}

export interface JobTables {
  jobs: JobsTable;
  job_files: JobFilesTable;
}
