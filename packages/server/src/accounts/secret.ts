/** The secret that signs cookies and encrypts two-factor secrets: set by the operator, or made once and kept. */
import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const NAME = "secret";

const isFileError = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;

function readSecret(file: string): string {
  const kept = readFileSync(file, "utf8").trim();
  if (kept.length < 32) throw new Error(`${file} does not hold a secret: delete it, or set BURGEE_SECRET.`);
  return kept;
}

/** Several processes that start at once end up with one secret: it appears whole, and once. */
export function keepSecret(folder: string): string {
  const file = join(folder, NAME);
  if (existsSync(file)) return readSecret(file);
  const draft = `${file}.${process.pid}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(draft, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!isFileError(error, "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readSecret(file);
}
