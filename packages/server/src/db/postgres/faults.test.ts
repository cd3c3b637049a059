/** What can go wrong with PostgreSQL, and the way to it, under a running server. Each test has a server that it may harm. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { Client } from "pg";
import { isAppError } from "../../errors.ts";
import { databaseName } from "../../testing/test-database.ts";
import { findIdentity, insertEnvironment, upsertIdentity } from "../../testing/test-environment.ts";
import { startTestPostgres, type TestPostgres } from "../../testing/test-postgres.ts";
import type { Db } from "../database.ts";
import { type OpenOptions, openDatabase } from "../open-database.ts";

const run = databaseName === "postgres" ? describe : describe.skip;

let server: TestPostgres;
let db: Db;
let environmentId: number;
let opened: Db[];

const open = async (options: OpenOptions = {}): Promise<Db> => {
  const fresh = await openDatabase(server.url, { waitLimitMs: 1_000, ...options });
  opened.push(fresh);
  return fresh;
};
const write = (identifier: string, traits = "{}", on = db) =>
  on.lane.write(upsertIdentity, [environmentId, identifier, traits]);
const find = (identifier: string, on = db) =>
  on.lane.get<{ id: number; traits: string }>(findIdentity, [environmentId, identifier]);
const failure = (work: Promise<unknown> | unknown): Promise<string> =>
  Promise.resolve(work).then(
    () => "done",
    (error: unknown) => (isAppError(error) ? `${error.code}: ${error.details["reason"]}` : String(error)),
  );

async function asAdmin(...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: server.url, application_name: "admin" });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

async function untilWritten(identifier: string, on = db): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if ((await failure(write(identifier, "{}", on))) === "done") return;
    await Bun.sleep(50);
  }
  throw new Error("writes did not come back");
}

run(`PostgreSQL in trouble${databaseName === "postgres" ? "" : " (runs with TEST_DB=postgres)"}`, () => {
  beforeAll(async () => {
    // The server's own lazy flushing must not do what ours is there for.
    server = await startTestPostgres({ settings: { wal_writer_delay: "10s" } });
  }, 60_000);
  afterAll(() => server.remove(), 60_000);
  beforeEach(async () => {
    opened = [];
    db = await open();
    ({ environmentId } = await insertEnvironment(db));
  });
  afterEach(async () => {
    await Promise.all(opened.map((each) => each.close().catch(() => {})));
  });

  test("killed under load: no acknowledged write is lost, refusals are quick, and all comes back by itself", async () => {
    const acknowledged = new Map<string, number>();
    const refusals = new Set<string>();
    let slowest = 0;
    let isOver = false;
    const callers = Array.from({ length: 32 }, async (_, caller) => {
      for (let n = 0; !isOver; n++) {
        const started = performance.now();
        const outcome = await failure(write(`caller-${caller}`, `{"n":${n}}`));
        slowest = Math.max(slowest, performance.now() - started);
        if (outcome === "done") acknowledged.set(`caller-${caller}`, n);
        else {
          refusals.add(outcome.split(":")[0] ?? "");
          await Bun.sleep(5);
        }
      }
    });
    await Bun.sleep(700);
    await server.stop("kill");
    const beforeRestart = new Map(acknowledged);
    // Longer than a call waits for a connection to come back: perhaps nothing was under way at the moment of the kill.
    await Bun.sleep(1_500);
    await server.start();
    for (const [caller, n] of beforeRestart) {
      const client = new Client({ connectionString: server.url });
      await client.connect();
      const { rows } = await client.query("select traits->>'n' as n from identities where identifier = $1", [caller]);
      await client.end();
      expect(Number(rows[0]?.n)).toBeGreaterThanOrEqual(n);
    }
    await untilWritten("after");
    isOver = true;
    await Promise.all(callers);
    expect(beforeRestart.size).toBe(32);
    expect([...refusals]).toEqual(["database_unavailable"]);
    expect(slowest).toBeLessThan(7_000);
    expect(await find("after")).toBeDefined();
    expect(await db.kysely.selectFrom("environments").select("id").execute()).not.toEqual([]);
  }, 60_000);

  test("a write is safe at the very moment it is acknowledged", async () => {
    for (const name of ["first", "second"]) {
      await untilWritten(`warm-${name}`);
      await write(name);
      await server.stop("kill");
      await server.start();
      for (let tries = 0; tries < 100 && (await failure(find(name))) !== "done"; tries++) await Bun.sleep(50);
      expect(await find(name)).toBeDefined();
    }
  }, 60_000);

  test("every connection cut by the server: the next calls are answered", async () => {
    await write("ann");
    await asAdmin(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'burgee' and pid <> pg_backend_pid()",
    );
    await untilWritten("after-cut");
    expect(await find("after-cut")).toBeDefined();
    expect(await db.kysely.selectFrom("environments").select("id").execute()).not.toEqual([]);
  }, 20_000);

  test("a read-only database refuses writes with its reason, and reads go on", async () => {
    await write("ann");
    await asAdmin("alter system set default_transaction_read_only = on", "select pg_reload_conf()");
    await Bun.sleep(200);
    expect(await failure(write("refused"))).toBe("database_unavailable: read-only");
    expect(await failure(db.kysely.updateTable("environments").set({ name: "x" }).execute())).toBe(
      "database_unavailable: read-only",
    );
    expect(await find("ann")).toBeDefined();
    await asAdmin(
      "set default_transaction_read_only = off",
      "alter system reset default_transaction_read_only",
      "select pg_reload_conf()",
    );
    await untilWritten("after-read-only");
  }, 20_000);

  test("a row that someone holds makes its writer give up in time, and reads do not wait", async () => {
    const patient = await open({ waitLimitMs: 15_000 });
    await write("held", "{}", patient);
    const holding = db.kysely.transaction().execute(async (trx) => {
      await trx.updateTable("identities").set({ has_overrides: 1 }).where("identifier", "=", "held").execute();
      const refused = failure(write("held", '{"a":1}', patient));
      const started = performance.now();
      expect(await find("held", patient)).toBeDefined();
      expect(performance.now() - started).toBeLessThan(1_000);
      return refused;
    });
    expect(await holding).toBe("database_busy: locked");
    await write("held", '{"a":2}', patient);
  }, 20_000);

  test("a server that says nothing any more is given up, and taken up again when it speaks", async () => {
    await write("ann");
    expect(await find("ann")).toBeDefined();
    const { rows } = await sql<{ pid: number }>`
      select pid from pg_stat_activity where application_name = 'burgee' and pid <> pg_backend_pid()`.execute(
      db.kysely,
    );
    for (const { pid } of rows) process.kill(pid, "SIGSTOP");
    const started = performance.now();
    try {
      const refused = failure(write("ann", '{"a":1}'));
      // A read may be sent again, on a new connection.
      expect(await find("ann")).toBeDefined();
      expect(await refused).toBe("database_unavailable: connection lost");
      expect(performance.now() - started).toBeLessThan(4_000);
    } finally {
      for (const { pid } of rows) process.kill(pid, "SIGCONT");
    }
    await untilWritten("after-silence");
  }, 20_000);

  test("a hot statement that runs for too long is ended by the server", async () => {
    const patient = await open({ waitLimitMs: 15_000 });
    expect(await failure(patient.lane.get("select pg_sleep(30)", []))).toBe("database_busy: statement took too long");
    expect(await find("nobody", patient)).toBeUndefined();
  }, 20_000);

  test("when every connection of the pool is in use, the next caller is refused in time", async () => {
    const small = await open({ poolSize: 1 });
    const held = small.kysely.transaction().execute(() => Bun.sleep(7_000));
    await Bun.sleep(50);
    const started = performance.now();
    expect(await failure(small.kysely.selectFrom("environments").select("id").execute())).toStartWith(
      "database_unavailable",
    );
    expect(performance.now() - started).toBeLessThan(6_500);
    await held;
    expect(await small.kysely.selectFrom("environments").select("id").execute()).not.toEqual([]);
  }, 20_000);

  test("a read at fault rejects alone, whatever was asked for at the same moment", async () => {
    await write("ann");
    const outcomes = await Promise.all([failure(find("ann")), failure(find("nul \u0000 byte")), failure(find("ann"))]);
    expect(outcomes).toEqual(["done", "invalid: value", "done"]);
  });

  test("a table that another node changes under a kept statement is read anew, and so is a statement that is lost", async () => {
    await sql`create table changing (a integer)`.execute(db.kysely);
    await sql`insert into changing values (1)`.execute(db.kysely);
    const read = () => db.lane.get("select * from changing", []);
    expect(await read()).toEqual({ a: 1 });
    await sql`alter table changing add column b integer`.execute(db.kysely);
    expect(await read()).toEqual({ a: 1, b: null });
    await db.lane.get("deallocate all", []);
    expect(await Promise.all([read(), read()])).toEqual([
      { a: 1, b: null },
      { a: 1, b: null },
    ]);
    await sql`drop table changing`.execute(db.kysely);
  });

  test("calls at the moment of closing are answered or refused, never left hanging", async () => {
    const closing = await open();
    const calls = Array.from({ length: 200 }, (_, n) => failure(write(`closing-${n}`, "{}", closing)));
    await closing.close();
    const outcomes = new Set(await Promise.all(calls));
    outcomes.delete("done");
    for (const outcome of outcomes) expect(outcome).toStartWith("database_unavailable");
    expect(await failure(write("closed", "{}", closing))).toStartWith("database_unavailable");
  });

  test("nodes that write the same rows in opposite orders do not wait for one another crosswise", async () => {
    const other = await open();
    const names = Array.from({ length: 50 }, (_, n) => `both-${n}`);
    for (let round = 0; round < 10; round++) {
      const writes = [
        ...names.map((name) => write(name, `{"a":${round}}`)),
        ...names.toReversed().map((name) => write(name, `{"b":${round}}`, other)),
      ];
      expect(new Set(await Promise.all(writes.map(failure)))).toEqual(new Set(["done"]));
    }
  }, 20_000);

  test("behind a proxy that pools by transaction: nothing is kept on a connection", async () => {
    const pooled = await open({ prepare: false });
    const outcomes = await Promise.all([
      failure(write("before", "{}", pooled)),
      failure(pooled.lane.write(upsertIdentity, [environmentId, "bad", null])),
      failure(write("after", "{}", pooled)),
    ]);
    expect(outcomes).toEqual(["done", "invalid: constraint", "done"]);
    expect(await Promise.all(["before", "bad", "after"].map((name) => find(name, pooled)))).toEqual([
      expect.objectContaining({ traits: "{}" }),
      undefined,
      expect.objectContaining({ traits: "{}" }),
    ]);
    const { rows } = await sql<{ statements: number }>`
      select count(*) as statements from pg_stat_activity where application_name = 'burgee' and query ilike 'set %'`.execute(
      pooled.kysely,
    );
    expect(rows[0]?.statements).toBe(0);
  }, 20_000);

  test("a server that is not there is said in one line, without the password", async () => {
    const error = await openDatabase("postgres://burgee:secret@127.0.0.1:1/none").catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/^Error: Cannot open the database 127\.0\.0\.1:1\/none: [^\n]+$/);
    expect(String(error)).not.toContain("secret");
  });
});
