/**
 * Copies the write-ahead log back into the file from a thread of its own, beside the writer: when the writer does it, in the middle of a
 * commit, everybody waits for it (p99 of 64 callers who each change a trait: 27 to 15 ms). The log begins anew only where all of it is
 * copied, which never happens while the writer goes on writing. So this thread copies until little is left, and that is left to the writer.
 */
import type { FileSync } from "./file-sync.ts";
import type { QueryAnswer } from "./protocol.ts";
import type { WorkerLink } from "./worker-link.ts";

export interface CheckpointsOptions {
  /** To a thread of the role "checkpointer". */
  readonly link: WorkerLink;
  readonly writer: Pick<WorkerLink, "request">;
  readonly file: Pick<FileSync, "sync">;
  /** How many writes have been asked for so far. */
  readonly writes: () => number;
  readonly everyMs?: number;
}

/** Fewer are left to the writer: they are soon copied, and perhaps there are never more. */
const leastWrites = 2_000;
const defaultEveryMs = 100;
/** A slow disk takes its time; while it does, no other is begun. */
const limitMs = 60_000;

/** Pages, which the writer copies in about a millisecond. */
const fewPages = 200;
/** Each copies what came while the one before ran, so that it becomes less every time, unless the disk is slower than the writer. */
const mostRounds = 6;

const copyBack = { kind: "query", sql: "pragma wal_checkpoint(passive)", parameters: [] } as const;

/** Pages that were in the log, and how many of them are copied by now. */
async function copy(
  link: Pick<WorkerLink, "request">,
): Promise<{ readonly log: number; readonly checkpointed: number }> {
  const { rows } = await link.request<QueryAnswer>(copyBack, limitMs);
  return rows[0] as { readonly log: number; readonly checkpointed: number };
}

export function createCheckpoints({ link, writer, file, writes, everyMs = defaultEveryMs }: CheckpointsOptions) {
  let copied = 0;
  let isRunning = false;

  async function copyAll(): Promise<void> {
    let before = 0;
    for (let round = 0; round < mostRounds; round++) {
      const { log, checkpointed } = await copy(link);
      // Somebody who reads needs the rest as it is.
      if (checkpointed < log) return;
      if (log - before <= fewPages) return void (await copy(writer));
      // SQLite does it at the very end, when it is the writer's turn.
      await file.sync();
      before = log;
    }
  }

  async function look(): Promise<void> {
    const written = writes();
    if (isRunning || written - copied < leastWrites) return;
    isRunning = true;
    try {
      await copyAll();
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
