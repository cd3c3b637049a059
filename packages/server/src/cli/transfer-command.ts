/** `burgee export FILE` and `burgee import FILE`: a whole installation, from one database to another. */
import { createReadStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import type { Db } from "../db/database.ts";
import { exportInstallation } from "../resources/transfer/export-installation.ts";
import { importInstallation, TransferError } from "../resources/transfer/import-installation.ts";
import { createProgress } from "./progress.ts";

/** Written beside its place and moved there when whole and on disk: what has the name is complete. */
export async function runExport(db: Db, file: string): Promise<number> {
  const part = `${file}.part`;
  const progress = createProgress("Exporting", process.stderr);
  let out: FileHandle | undefined;
  try {
    out = await open(part, "w", 0o600);
    const { rows } = await exportInstallation(db, { write: inPieces(out), onProgress: progress.update });
    progress.end();
    if (rows === 0) {
      await rm(part, { force: true });
      process.stderr.write(
        "Nothing was exported: the database is empty. Does BURGEE_DATABASE_URL name the right one?\n",
      );
      return 1;
    }
    await out.sync();
    await rename(part, file);
    process.stdout.write(`Exported ${rows} rows to ${file}. It holds keys: keep it like a password.\n${SECRET_HINT}`);
    return 0;
  } catch (error) {
    progress.end();
    await rm(part, { force: true }).catch(() => {});
    if (!(error instanceof Error && "syscall" in error)) throw error;
    process.stderr.write(`Nothing was exported: ${error.message}\n`);
    return 1;
  } finally {
    await out?.close();
  }
}

const SECRET_HINT = "What BURGEE_SECRET (or the file data/secret) encrypts needs the same one there: take it along.\n";

/** The whole of each, however little of it a full disk takes. */
const inPieces =
  (out: FileHandle) =>
  async (text: string): Promise<void> => {
    await out.appendFile(text);
  };

/** Lines end with "\n" and nothing else: the readers at hand also split at U+2028, which text may hold. */
async function* readLines(file: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of createReadStream(file, "utf8")) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Returns the exit code. */
export async function runImportInstallation(db: Db, file: string): Promise<number> {
  const reading = createProgress("Importing", process.stderr);
  const verifying = createProgress("Verifying", process.stderr);
  try {
    if (!(await stat(file)).isFile()) throw new TransferError(`${file} is not a file`);
    const { rows } = await importInstallation(db, {
      lines: readLines(file),
      onProgress: reading.update,
      onVerify: (done, total) => {
        reading.end();
        verifying.update(done, total);
      },
    });
    verifying.end();
    process.stdout.write(`Imported ${rows} rows from ${file}; every table's count and checksum agrees.\n`);
    return 0;
  } catch (error) {
    reading.end();
    verifying.end();
    if (!(error instanceof TransferError) && !(error instanceof Error && "syscall" in error)) throw error;
    process.stderr.write(`${file} was not imported; nothing was written.\n  ${error.message}\n`);
    return 1;
  }
}
