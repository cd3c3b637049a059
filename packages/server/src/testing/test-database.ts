/** A fresh, migrated database for one suite, on the store that TEST_DB names. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Db } from "../db/database.ts";
import { type OpenOptions, openDatabase } from "../db/open-database.ts";

export type DatabaseName = "sqlite";

export interface TestDatabase {
  readonly db: Db;
  /** For a second process or a second connection. */
  readonly url: string;
  close(): Promise<void>;
}

/** The stores this run tests, for suites that loop. */
export const databases: readonly DatabaseName[] = [readName(process.env["TEST_DB"])];

function readName(name: string | undefined): DatabaseName {
  if (name === undefined || name === "" || name === "sqlite") return "sqlite";
  throw new Error(`TEST_DB is "${name}", not "sqlite".`);
}

export async function openTestDatabase(options: OpenOptions = {}): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "burgee-test-"));
  const url = `sqlite:${join(folder, "burgee.db")}`;
  const db = await openDatabase(url, options);
  return {
    db,
    url,
    close: async () => {
      await db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
