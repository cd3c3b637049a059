/** `burgee import`: reads the file, shows how far it is, says what came of it. */
import { readFile, stat } from "node:fs/promises";
import { createChanges } from "../changes/commit.ts";
import type { Db } from "../db/database.ts";
import { importDocument } from "../resources/imports/import-document.ts";
import { ImportError, refuse } from "../resources/imports/import-problems.ts";
import { createOutbox } from "../resources/webhooks/outbox.ts";
import { createProgress } from "./progress.ts";

const MAX_BYTES = 256 * 1024 * 1024;

async function readText(file: string): Promise<string> {
  const info = await stat(file).catch((error: Error) => refuse("", `cannot read ${file}: ${error.message}`));
  if (!info.isFile()) refuse("", `${file} is not a file`);
  if (info.size > MAX_BYTES) refuse("", `${file} has ${info.size} bytes; ${MAX_BYTES} is the most that is read`);
  const text = await readFile(file, "utf8");
  // Some editors begin a file with a mark that is no JSON.
  return text.startsWith("\ufeff") ? text.slice(1) : text;
}

function printResult(result: Awaited<ReturnType<typeof importDocument>>, print: (line: string) => void): void {
  print(`Imported environment "${result.environment}" of project "${result.project}" (${result.organisation}):`);
  print(`  ${result.features} features, ${result.segments} segments, ${result.segmentOverrides} segment overrides`);
  print(`  ${result.identities} identities with ${result.identityOverrides} overrides`);
  print(`  client-side key  ${result.clientKey}`);
  print(`  server-side key  ${result.serverKey}`);
  if (result.skipped.length > 0)
    print(`  left out: ${result.skipped.slice(0, 5).join("; ")}${result.skipped.length > 5 ? " …" : ""}`);
}

/** Returns the exit code. */
export async function runImport(db: Db, file: string, serverKey: string | undefined): Promise<number> {
  const progress = createProgress("Importing", process.stderr);
  const changes = createChanges({
    db,
    clock: Date.now,
    publish: () => {},
    // Delivered by whatever server runs on the same database.
    outbox: createOutbox({ wake: () => {} }),
  });
  try {
    const text = await readText(file);
    const result = await importDocument(changes, Date.now, {
      text,
      serverKey,
      actor: "cli",
      onProgress: progress.update,
    });
    progress.end();
    printResult(result, (line) => process.stdout.write(`${line}\n`));
    return 0;
  } catch (error) {
    progress.end();
    if (!(error instanceof ImportError)) throw error;
    process.stderr.write(`${file} was not imported; nothing was written.\n`);
    for (const { path, message } of error.problems) process.stderr.write(`  ${path ? `${path}: ` : ""}${message}\n`);
    return 1;
  }
}
