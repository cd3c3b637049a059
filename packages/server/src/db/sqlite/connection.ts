/** How a connection to Burgee's file is set up. */
import { openSqlite, type SqliteConnection } from "../../runtime/sqlite.ts";

const writerPragmas = [
  "pragma synchronous = full",
  "pragma foreign_keys = on",
  "pragma cache_size = -32000",
  "pragma mmap_size = 0",
  // 20 MB that the thread for checkpoints did not get to. With 8,000 the log grew past 50 where that thread and a reader both lacked time.
  "pragma wal_autocheckpoint = 5000",
  "pragma journal_size_limit = 67108864",
];

const readerPragmas = [
  "pragma busy_timeout = 5000",
  "pragma query_only = on",
  "pragma cache_size = -16000",
  "pragma mmap_size = 0",
];

const checkpointPragmas = [
  "pragma busy_timeout = 0",
  "pragma synchronous = full",
  "pragma wal_autocheckpoint = 0",
  "pragma mmap_size = 0",
];

export function openWriterConnection(path: string): SqliteConnection {
  const connection = openSqlite(path, { readonly: false });
  connection.exec("pragma busy_timeout = 5000");
  switchToWal(connection);
  for (const pragma of writerPragmas) connection.exec(pragma);
  return connection;
}

/** Waits for nobody: what it cannot copy back now, it will another time. */
export function openCheckpointConnection(path: string): SqliteConnection {
  const connection = openSqlite(path, { readonly: false });
  for (const pragma of checkpointPragmas) connection.exec(pragma);
  return connection;
}

export function openReaderConnection(path: string): SqliteConnection {
  const connection = openSqlite(path, { readonly: true });
  for (const pragma of readerPragmas) connection.exec(pragma);
  return connection;
}

/** Two processes that switch an empty file at the same time: SQLite tells one of them "busy" without waiting, so we wait. */
function switchToWal(connection: SqliteConnection): void {
  const deadline = Date.now() + 5_000;
  for (;;) {
    try {
      connection.exec("pragma journal_mode = wal");
      return;
    } catch (error) {
      if (Date.now() > deadline || !isBusy(error)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");
}
