/** The shared conformance data, which lies beside the project and not in it. A plain clone does without, and says so. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const conformanceFolder = join(import.meta.dir, "..", "..", "shared", "conformance");

export const hasConformance = existsSync(conformanceFolder);

/** Call once in a file whose tests need the data. */
export function sayIfSkipped(file: string): void {
  if (!hasConformance) console.warn(`${file}: skipped in part, because ../shared/conformance is not there.`);
}

export const readConformance = (path: string): unknown =>
  JSON.parse(readFileSync(join(conformanceFolder, path), "utf8"));
