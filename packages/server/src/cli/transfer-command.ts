/** `burgee export FILE` and `burgee import FILE`: a whole installation, from one database to another. */
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import type { Db } from "../db/database.ts";
import { exportInstallation } from "../resources/transfer/export-installation.ts";
import { importInstallation, TransferError } from "../resources/transfer/import-installation.ts";
import { createProgress } from "./progress.ts";

/** Written beside its place and moved there when whole: what has the name is complete. */
export async function runExport(db: Db, file: string): Promise<number> {
  const part = `${file}.part`;
  const stream = createWriteStream(part, { mode: 0o600 });
  const progress = createProgress("Exporting", process.stderr);
  try {
    await once(stream, "open");
    const write = async (text: string) => {
      if (!stream.write(text)) await once(stream, "drain");
    };
    const { rows } = await exportInstallation(db, { write, onProgress: progress.update });
    stream.end();
    await once(stream, "close");
    await rename(part, file);
    progress.end();
    process.stdout.write(`Exported ${rows} rows to ${file}. It holds keys: keep it like a password.\n`);
    return 0;
  } catch (error) {
    progress.end();
    stream.destroy();
    await rm(part, { force: true });
    if (!(error instanceof Error && "syscall" in error)) throw error;
    process.stderr.write(`Nothing was exported: ${error.message}\n`);
    return 1;
  }
}

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
