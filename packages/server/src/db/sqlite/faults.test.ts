/** What can go wrong with the file and the threads under a running server. */
import { afterEach, beforeEach, expect, test } from "bun:test";
import { sql } from "kysely";
import { isAppError } from "../../errors.ts";
import { type SpawnWorker, spawnWorker, type WorkerHandle } from "../../runtime/worker.ts";
import { createEmptyDatabase, type EmptyDatabase } from "../../testing/test-database.ts";
import { findIdentity, insertEnvironment, upsertIdentity } from "../../testing/test-environment.ts";
import type { Db } from "../database.ts";
import { openDatabase } from "../open-database.ts";

let place: EmptyDatabase;
let db: Db;
let environmentId: number;
let threads: WorkerHandle[];
let log: string[];

/** The real threads, with a handle kept so that they can be killed. */
const spawnAndRemember: SpawnWorker = (source, events) => {
  const handle = spawnWorker(source, events);
  threads.push(handle);
  return handle;
};

beforeEach(async () => {
  threads = [];
  log = [];
  place = await createEmptyDatabase("sqlite");
  db = await openDatabase(place.url, {
    spawnWorker: spawnAndRemember,
    log: (message) => log.push(message),
    waitLimitMs: 3_000,
  });
  ({ environmentId } = await insertEnvironment(db));
  await write("ann");
});
afterEach(async () => {
  await db.close();
  await place.check();
  await place.remove();
});

const write = (identifier: string) => db.lane.write(upsertIdentity, [environmentId, identifier, "{}"]);
const find = (identifier: string) => db.lane.get<{ id: number }>(findIdentity, [environmentId, identifier]);
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (isAppError(error) ? error.code : String(error)),
  );

async function untilWritten(identifier: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await codeOf(write(identifier))) === "done") return;
    await Bun.sleep(20);
  }
  throw new Error("writes did not come back");
}

test("when the writer thread dies, its writes reject, reads go on, and a new one takes over", async () => {
  const pending = Array.from({ length: 50 }, (_, n) => codeOf(write(`pending-${n}`)));
  await Bun.sleep(0);
  threads[0]?.terminate();
  const codes = new Set(await Promise.all(pending));
  codes.delete("done");
  expect([...codes]).toEqual(["database_unavailable"]);
  expect(await find("ann")).toBeDefined();
  await untilWritten("after");
  expect(await find("after")).toBeDefined();
  expect(log.join()).toContain("writer thread ended");
});

test("a transaction whose thread died rejects, leaves nothing, and does not keep the lock", async () => {
  const work = db.kysely.transaction().execute(async (trx) => {
    await trx.updateTable("environments").set({ name: "lost" }).where("id", "=", environmentId).execute();
    threads[0]?.terminate();
    await Bun.sleep(300);
    await trx.updateTable("environments").set({ name: "lost again" }).where("id", "=", environmentId).execute();
  });
  expect(await codeOf(work)).toBe("database_unavailable");
  await untilWritten("after");
  const row = await db.kysely
    .selectFrom("environments")
    .select("name")
    .where("id", "=", environmentId)
    .executeTakeFirst();
  expect(row?.name).not.toContain("lost");
});

test("when a reader thread dies, its query rejects and the next one is answered", async () => {
  const slow = codeOf(
    sql`select count(*) from (with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000000) select i from n)`.execute(
      db.kysely,
    ),
  );
  await Bun.sleep(50);
  threads[1]?.terminate();
  expect(await slow).toBe("database_unavailable");
  await Bun.sleep(200);
  expect(await db.kysely.selectFrom("environments").select("id").execute()).toHaveLength(1);
});

test("a full disk refuses writes with its reason, loses nothing, and reads go on", async () => {
  await sql`pragma max_page_count = 1`.execute(db.kysely);
  const big = "x".repeat(100_000);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, n) =>
      db.lane.write(upsertIdentity, [environmentId, `big-${n}`, JSON.stringify({ big })]),
    ),
  );
  const reasons = outcomes.map(
    (outcome) => outcome.status === "rejected" && isAppError(outcome.reason) && outcome.reason,
  );
  expect(new Set(reasons.map((error) => error && `${error.code}: ${error.details["reason"]}`))).toEqual(
    new Set(["database_unavailable: disk full"]),
  );
  expect(await find("big-0")).toBeUndefined();
  expect(await find("ann")).toBeDefined();
  await sql`pragma max_page_count = 1000000`.execute(db.kysely);
  await write("after");
  expect(await find("after")).toBeDefined();
});

test("a file that became read-only refuses writes with its reason, and reads go on", async () => {
  await sql`pragma query_only = on`.execute(db.kysely);
  const error = await write("refused").catch((reason: unknown) => reason);
  expect(isAppError(error, "database_unavailable") && error.details["reason"]).toBe("read-only");
  const transaction = db.kysely
    .transaction()
    .execute((trx) => trx.updateTable("environments").set({ name: "x" }).execute());
  expect(await codeOf(transaction)).toBe("database_unavailable");
  expect(await find("ann")).toBeDefined();
  expect(await db.kysely.selectFrom("environments").select("id").execute()).toHaveLength(1);
  await sql`pragma query_only = off`.execute(db.kysely);
  await write("after");
});

test("another process that holds the write lock for too long makes writes reject, and they come back", async () => {
  const other = await openDatabase(place.url, { transactionLimitMs: 20_000 });
  const held = other.kysely.transaction().execute(async (trx) => {
    await trx.updateTable("environments").set({ name: "held" }).execute();
    await Bun.sleep(6_000);
  });
  await Bun.sleep(50);
  expect(await codeOf(write("blocked"))).toBe("database_unavailable");
  expect(await find("ann")).toBeDefined();
  await held;
  await untilWritten("after");
  await other.close();
}, 20_000);

test("a long scan delays neither hot reads, hot writes, short queries nor this thread", async () => {
  await db.kysely.selectFrom("environments").select("id").execute();
  let isScanning = true;
  const scan =
    sql`select count(*) from (with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000000) select i from n)`
      .execute(db.kysely)
      .then(() => {
        isScanning = false;
      });
  let turns = 0;
  while (isScanning) {
    await write("during");
    await db.kysely.selectFrom("environments").select("id").execute();
    turns++;
  }
  await scan;
  expect(turns).toBeGreaterThan(20);
});

test("close waits for what was asked, and afterwards everything rejects", async () => {
  const last = write("last");
  const closing = db.close();
  await last;
  await closing;
  expect(await codeOf(write("too late"))).toBe("database_unavailable");
  expect(await codeOf(db.kysely.selectFrom("environments").select("id").execute())).toBe("database_unavailable");
  db = await openDatabase(place.url);
  expect(await find("last")).toBeDefined();
});

test("a thread that never answers is given up, and the caller hears of it", async () => {
  const silent: SpawnWorker = () => ({ post: () => {}, terminate: () => {} });
  const started = performance.now();
  await expect(
    openDatabase(place.url, { spawnWorker: silent, waitLimitMs: 300, transactionLimitMs: 300 }),
  ).rejects.toThrow(/^Cannot open the database [^\n]+$/);
  expect(performance.now() - started).toBeLessThan(12_000);
}, 15_000);
