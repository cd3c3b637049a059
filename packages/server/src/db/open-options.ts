import type { SpawnWorker } from "../runtime/worker.ts";

export interface OpenOptions {
  /** How long one transaction of the query builder may hold the write lock. */
  readonly transactionLimitMs?: number;
  /** How long a hot-lane write may wait for its commit before it is refused. */
  readonly waitLimitMs?: number;
  /** Operational messages: a thread ended, a connection was lost. */
  readonly log?: (message: string) => void;
  readonly spawnWorker?: SpawnWorker;
  /** PostgreSQL: false behind a proxy that pools by transaction; then nothing is kept on a connection. */
  readonly prepare?: boolean;
  /** PostgreSQL: connections of the query builder. The hot lane has three more, and one listens. */
  readonly poolSize?: number;
  /** PostgreSQL: a way past such a proxy, for listening; "" = the same URL. */
  readonly listenUrl?: string;
}
