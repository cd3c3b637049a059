/** Brings what was written to the database's file to the disk, without a connection. */
import { type FileHandle, open } from "node:fs/promises";

export interface FileSync {
  /** What other threads wrote before, too. */
  sync(): Promise<void>;
  /**
   * Only after every connection of this process to the file: whoever closes a file gives up all locks that the process has on it, also those
   * that came by another descriptor (fcntl(2)), and SQLite's locks are such.
   */
  close(): Promise<void>;
}

export function createFileSync(path: string): FileSync {
  let opened: Promise<FileHandle> | undefined;
  return {
    sync: async () => {
      opened ??= open(path, "r+");
      await (await opened).datasync();
    },
    close: async () => {
      await (await opened)?.close();
    },
  };
}
