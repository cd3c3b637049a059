/** One PostgreSQL for all test files of a process, and a database of its own for each who asks. */
import { spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, DatabaseError } from "pg";
import type { EmptyDatabase } from "./test-database.ts";

const startLimitMs = 60_000;
const DATABASE_EXISTS = "42P04";
/** Files of a test run do not share memory, so they meet at a file named after the process. */
const place = join(tmpdir(), `burgee-postgres-of-${process.pid}`);

let made = 0;

const freshName = () => `test_${Date.now().toString(36)}_${Math.random().toString(36).slice(2, 8)}_${++made}`;

export async function createPostgresDatabase(): Promise<EmptyDatabase> {
  return databaseNamed(freshName());
}

/** A copy of one that the first caller of a run has migrated: a test need not wait for that again. */
export async function createMigratedDatabase(migrate: (url: string) => Promise<void>): Promise<EmptyDatabase> {
  const server = await findServer();
  const template = `migrated_${process.pid}`;
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    // Files run beside one another; one of them makes it.
    await client.query("select pg_advisory_lock(4020752)");
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [template]);
    if (rowCount === 0) {
      const unfinished = await databaseNamed(freshName());
      await migrate(unfinished.url);
      await client.query(`alter database ${new URL(unfinished.url).pathname.slice(1)} rename to ${template}`);
    }
  } finally {
    await client.end();
  }
  return databaseNamed(freshName(), `template ${template}`);
}

/** The database of that name: made by whoever asks first, found by those who ask later. */
export async function databaseNamed(name: string, how = ""): Promise<EmptyDatabase> {
  const server = await findServer();
  await onServer(server, `create database ${name} ${how}`).catch((error: unknown) => {
    if (!(error instanceof DatabaseError && error.code === DATABASE_EXISTS)) throw error;
  });
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    check: () => checkIndexes(url.href),
    remove: () => onServer(server, `drop database if exists ${name} with (force)`),
  };
}

async function findServer(): Promise<string> {
  const given = process.env["TEST_POSTGRES_URL"];
  if (given) return given;
  // Whoever makes the file starts the server.
  const isFirst = await open(`${place}.starting`, "wx").then(
    (handle) => handle.close().then(() => true),
    () => false,
  );
  if (isFirst) {
    const keeper = join(import.meta.dir, "keep-postgres.ts");
    const command = [process.execPath, keeper, String(process.pid), place];
    // Through a shell that leaves it behind: a test runner ends its own children without letting them clean up.
    spawn("sh", ["-c", '"$@" &', "sh", ...command], { stdio: "ignore", detached: true }).unref();
  }
  const deadline = Date.now() + startLimitMs;
  while (Date.now() < deadline) {
    const url = await readFile(place, "utf8").catch(() => "");
    if (url !== "") return url;
    await Bun.sleep(20);
  }
  throw new Error("The PostgreSQL of this test run did not start.");
}

/** The rows of the last statement. */
export async function onServer(url: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  let rows: Record<string, unknown>[] = [];
  try {
    for (const statement of statements) rows = (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
  return rows;
}

export async function hasTables(url: string): Promise<boolean> {
  return (await onServer(url, "select 1 from pg_tables where schemaname = 'public' limit 1")).length > 0;
}

/** Compares every index with its table. */
async function checkIndexes(url: string): Promise<void> {
  await onServer(
    url,
    "create extension if not exists amcheck",
    `select bt_index_check(c.oid, true) from pg_class c join pg_am a on a.oid = c.relam
     where c.relkind = 'i' and a.amname = 'btree' and c.relnamespace = 'public'::regnamespace`,
  );
}
