/** Keeps the index of identities close behind what is written to them, a little at a time, and gives way to those who write. */
import type { Db } from "../db/database.ts";

export interface IndexerDeps {
  readonly db: Db;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
  /** Milliseconds between looks for something to do. */
  readonly idleMs?: number;
}

export interface Indexer {
  close(): Promise<void>;
}

/** Identities in one transaction. */
const fewest = 25;
const most = 1_000;
const errorPauseMs = 5_000;

export function createIndexer({ db, now, onError, idleMs = 250 }: IndexerDeps): Indexer {
  let limit = 100;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;
  let isClosed = false;

  async function step(): Promise<number> {
    const start = performance.now();
    const isDone = !(await db.identityIndex.follow(limit, now()));
    if (isDone) return idleMs;
    const took = performance.now() - start;
    const { stepMs, restShare } = db.identityIndex.pace();
    limit = Math.round(Math.min(most, Math.max(fewest, limit * Math.min(2, Math.max(0.5, stepMs / took)))));
    return took * restShare;
  }

  function plan(pauseMs: number): void {
    if (isClosed) return;
    timer = setTimeout(() => {
      running = step()
        .catch((error: unknown) => {
          if (!isClosed) onError(error);
          return errorPauseMs;
        })
        .then(plan);
    }, pauseMs);
    timer.unref?.();
  }

  plan(idleMs);
  return {
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
