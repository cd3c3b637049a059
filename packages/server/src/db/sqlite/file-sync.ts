/** Brings what was written to the database's file to the disk, without a connection. */
import { type FileHandle, open } from "node:fs/promises";

export interface FileSync {
  /** What other threads wrote before, too. Does nothing once it is closed. */
  sync(): Promise<void>;
  /**
   * Only after every connection of this process to the file: whoever closes a file gives up all locks that the process has on it, also those
   * that came by another descriptor (fcntl(2)), and SQLite's locks are such.
   */
  close(): Promise<void>;
}

export function createFileSync(path: string): FileSync {
  let opening: Promise<FileHandle> | undefined;
  let syncing: Promise<void> | undefined;
  let isClosed = false;
  return {
    sync: async () => {
      if (isClosed) return;
      opening ??= open(path, "r+");
      const file = await opening.catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      if (isClosed) return;
      syncing = file.datasync();
      await syncing;
    },
    close: async () => {
      isClosed = true;
      await syncing?.catch(() => {});
      const file = await opening?.catch(() => undefined);
      await file?.close();
    },
  };
}
