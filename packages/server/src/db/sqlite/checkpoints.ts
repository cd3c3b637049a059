/**
 * Copies the write-ahead log back into the file from a thread of its own, little by little, beside the writer: when the writer does it, in
 * the middle of a commit, everybody waits for it (p99 of 64 callers who each change a trait: 27 to 15 ms). The writer still does what
 * this thread does not get to, and begins the log anew.
 */
import type { WorkerLink } from "./worker-link.ts";

export interface CheckpointsOptions {
  /** To a thread of the role "checkpointer". */
  readonly link: WorkerLink;
  /** How many writes have been asked for so far. */
  readonly writes: () => number;
  readonly everyMs?: number;
}

/** Fewer are left to the writer: they are soon copied, and perhaps there are never more. */
const leastWrites = 2_000;
const defaultEveryMs = 100;
/** A slow disk takes its time; while it does, no other is begun. */
const limitMs = 60_000;

const copyBack = { kind: "query", sql: "pragma wal_checkpoint(passive)", parameters: [] } as const;

export function createCheckpoints({ link, writes, everyMs = defaultEveryMs }: CheckpointsOptions) {
  let copied = 0;
  let isRunning = false;

  async function look(): Promise<void> {
    const written = writes();
    if (isRunning || written - copied < leastWrites) return;
    isRunning = true;
    try {
      await link.request(copyBack, limitMs);
      copied = written;
    } catch {
      // A disk at fault makes the writer's next commit fail, which tells whoever waits for it.
    } finally {
      isRunning = false;
    }
  }

  const timer = setInterval(() => void look(), everyMs);
  timer.unref();

  return {
    close: async (): Promise<void> => {
      clearInterval(timer);
      await link.close();
    },
  };
}
