/** A fresh, migrated database for one suite, on the store that TEST_DB names. */
import { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import type { Db } from "../db/database.ts";
import { type OpenOptions, openDatabase } from "../db/open-database.ts";
import { createMigratedDatabase, createPostgresDatabase, databaseNamed, hasTables } from "./shared-postgres.ts";

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
  return { ...fileIn(folder), remove: () => rm(folder, { recursive: true, force: true }) };
}

let migrated: Promise<Buffer> | undefined;

/** A copy of one that the first caller of a test file has migrated. */
async function createMigratedFile(): Promise<EmptyDatabase> {
  migrated ??= readMigrated();
  const place = await createSqliteFile();
  await writeFile(pathOf(place), await migrated);
  return place;
}

async function readMigrated(): Promise<Buffer> {
  const place = await createSqliteFile();
  await migrate(place.url);
  const bytes = await readFile(pathOf(place));
  await place.remove();
  return bytes;
}

const pathOf = ({ url }: EmptyDatabase): string => url.slice("sqlite:".length);

function fileIn(folder: string): EmptyDatabase {
  const file = join(folder, "burgee.db");
  return { url: `sqlite:${file}`, check: async () => checkFile(file), remove: async () => {} };
}

/** The one that belongs to a folder, whoever asks and however often: a file in it, or a database named after it. */
export async function databaseOf(folder: string): Promise<EmptyDatabase> {
  if (databaseName === "sqlite") return fileIn(folder);
  return databaseNamed(`folder_${createHash("sha256").update(folder).digest("hex").slice(0, 24)}`);
}

/** Looks into a folder's database beside the program that uses it. */
export async function lookInto<Result>(folder: string, look: (db: Db) => Promise<Result>): Promise<Result> {
  const db = await openDatabase((await databaseOf(folder)).url);
  try {
    return await look(db);
  } finally {
    await db.close();
  }
}

/** Every row of every table, so that "nothing was written" can be taken at its word. */
export function everyRow(folder: string): Promise<string> {
  return lookInto(folder, async ({ kysely }) => {
    const tables = await kysely.introspection.getTables();
    const rows = tables.map(async ({ name }) => {
      const found = await sql`select * from ${sql.table(name)}`.execute(kysely);
      return [name, found.rows.map((row) => JSON.stringify(row)).sort()] as const;
    });
    return JSON.stringify(await Promise.all(rows));
  });
}

/** Whether any program has opened the folder's database yet. */
export async function wasOpened(folder: string): Promise<boolean> {
  if (databaseName === "sqlite") return existsSync(join(folder, "burgee.db"));
  return hasTables((await databaseOf(folder)).url);
}

/** A folder and its database. */
export async function removeFolder(folder: string): Promise<void> {
  await (await databaseOf(folder)).remove();
  await rm(folder, { recursive: true, force: true });
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

async function migrate(url: string): Promise<void> {
  const db = await openDatabase(url);
  await db.close();
}

export async function openTestDatabase(options: OpenOptions = {}): Promise<TestDatabase> {
  const place = databaseName === "postgres" ? await createMigratedDatabase(migrate) : await createMigratedFile();
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
