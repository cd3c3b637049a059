import type { SpawnWorker } from "../runtime/worker.ts";

export interface OpenOptions {
  /** How long one transaction of the query builder may hold the write lock. */
  readonly transactionLimitMs?: number;
  /** How long a hot-lane write may wait for its commit before it is refused. */
  readonly waitLimitMs?: number;
  /** Operational messages: a thread ended, a connection was lost. */
  readonly log?: (message: string) => void;
  readonly spawnWorker?: SpawnWorker;
}
