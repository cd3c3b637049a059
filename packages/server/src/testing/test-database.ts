/** A fresh, migrated database for one suite, on the store that TEST_DB names. */
import { Database } from "bun:sqlite";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Db } from "../db/database.ts";
import { type OpenOptions, openDatabase } from "../db/open-database.ts";
import { createPostgresDatabase } from "./shared-postgres.ts";

// Hooks of the first file wait for the server to be made. Benchmarks use this module too, outside of the test runner.
if (process.env["TEST_DB"] === "postgres" && process.env["NODE_ENV"] === "test") {
  const { setDefaultTimeout } = await import("bun:test");
  setDefaultTimeout(60_000);
}

export type DatabaseName = "sqlite" | "postgres";

/** A place that no one has opened yet. */
export interface EmptyDatabase {
  readonly url: string;
  /** Throws when what is stored there is damaged. */
  check(): Promise<unknown>;
  remove(): Promise<unknown>;
}

export interface TestDatabase {
  readonly db: Db;
  /** For a second process or a second connection. */
  readonly url: string;
  close(): Promise<void>;
}

/** The store this run tests. */
export const databaseName: DatabaseName = readName(process.env["TEST_DB"]);
/** The stores this run tests, for suites that loop. */
export const databases: readonly DatabaseName[] = [databaseName];

function readName(name: string | undefined): DatabaseName {
  if (name === undefined || name === "" || name === "sqlite") return "sqlite";
  if (name === "postgres") return "postgres";
  throw new Error(`TEST_DB is "${name}", neither "sqlite" nor "postgres".`);
}

export async function createEmptyDatabase(name: DatabaseName = databaseName): Promise<EmptyDatabase> {
  return name === "postgres" ? createPostgresDatabase() : createSqliteFile();
}

async function createSqliteFile(): Promise<EmptyDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "burgee-test-"));
  const file = join(folder, "burgee.db");
  return {
    url: `sqlite:${file}`,
    check: async () => checkFile(file),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function checkFile(file: string): void {
  const database = new Database(file);
  const problems = database.query<Record<string, unknown>, []>("pragma integrity_check").all();
  const orphans = database.query("pragma foreign_key_check").all();
  database.close();
  if (JSON.stringify(problems) !== '[{"integrity_check":"ok"}]' || orphans.length > 0) {
    throw new Error(`The database is damaged: ${JSON.stringify([problems, orphans])}`);
  }
}

export async function openTestDatabase(options: OpenOptions = {}): Promise<TestDatabase> {
  const place = await createEmptyDatabase();
  const db = await openDatabase(place.url, options);
  return {
    db,
    url: place.url,
    close: async () => {
      await db.close();
      await place.remove();
    },
  };
}
