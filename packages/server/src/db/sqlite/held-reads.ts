/**
 * Point reads that follow one another closely share a snapshot: taking and dropping SQLite's locks on the file costs about as much as
 * the read itself, and after each commit a new one reads all pages anew. A snapshot lasts a few milliseconds. It ends before this
 * process hears of a commit, so that whoever is told of one reads it, and before it asks for a write, so that a checkpoint finds
 * moments without readers.
 */
import type { SqliteConnection } from "../../runtime/sqlite.ts";

export interface HeldReads {
  /** Runs one read, in the snapshot that is held or a new one. */
  read<Result>(work: () => Result): Result;
  /** Ends the snapshot, if there is one: before every write and every answer to one, and before the connection is closed. */
  release(): void;
}

export interface HeldReadsOptions {
  readonly reader: SqliteConnection;
  /** Whether a write of this process is under way. */
  readonly isWriting: () => boolean;
  readonly holdMs?: number;
}

/** How late a read may see what another process committed. */
const defaultHoldMs = 5;

/**
 * So often, and for so long, nothing is held while there are writes: with a thread that reads all the time a checkpoint would else seldom
 * get to the end, and the write-ahead log would grow.
 */
const cycleMs = 128;
const gapMs = 32;

export function createHeldReads({ reader, isWriting, holdMs = defaultHoldMs }: HeldReadsOptions): HeldReads {
  let timer: ReturnType<typeof setTimeout> | undefined;

  function release(): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    try {
      reader.run("commit", []);
    } catch {
      if (reader.isInTransaction()) reader.run("rollback", []);
    }
  }

  function read<Result>(work: () => Result): Result {
    if (timer !== undefined) return tried(work);
    if (isWriting() && performance.now() % cycleMs < gapMs) return work();
    reader.run("begin", []);
    timer = setTimeout(release, holdMs);
    return tried(work);
  }

  /** What failed may have broken the transaction too. */
  function tried<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      release();
      throw error;
    }
  }

  return { read, release };
}
