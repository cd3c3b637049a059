/**
 * Point reads that follow one another closely share a snapshot: taking and dropping SQLite's locks on the file costs about as much as
 * the read itself. A snapshot lasts a few milliseconds, and never across a write of this process, so that whoever has been told of a
 * commit reads it, and a checkpoint finds moments without readers.
 */
import type { SqliteConnection } from "../../runtime/sqlite.ts";

export interface HeldReads {
  /** Runs one read, in the snapshot that is held or a new one. */
  read<Result>(work: () => Result): Result;
  /** Ends the snapshot, if there is one: before every write, and before the connection is closed. */
  release(): void;
}

export interface HeldReadsOptions {
  readonly reader: SqliteConnection;
  /** Whether a write of this process is under way; each read is then on its own. */
  readonly isWriting: () => boolean;
  readonly holdMs?: number;
}

/** How late a read may see what another process committed. */
const defaultHoldMs = 5;

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
    if (isWriting()) return work();
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
