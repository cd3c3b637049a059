/** PostgreSQL in trouble under a real node: flags go on from memory, what must be written is refused in time, all comes back by itself. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  databaseName,
  onServer,
  startTestPostgres,
  type TestPostgres,
  type TestServer,
} from "../packages/server/src/testing/index.ts";
import { clientKey } from "./builders.ts";
import {
  hideDisabled,
  identify,
  lostWrites,
  type Outcome,
  prepare,
  servedFlags,
  startLoad,
  startNode,
  untilServed,
} from "./postgres-nodes.ts";
import { eventually } from "./sdk/sample.ts";

const suite =
  databaseName === "postgres"
    ? (name: string, define: () => void) => describe(name, define)
    : (name: string, define: () => void) => describe.skip(`${name} (a SQLite file has no server to lose)`, define);

/** No call of a client may take longer, whatever the database does. */
const LONGEST_MS = 8000;

let server: TestPostgres;
let adminKey: string;
let node: TestServer;

const sql = (...statements: string[]) => onServer(server.url, ...statements);
let probes = 0;
/** A value that is new each time, or it would be enough that reading is back. */
const isBack = () => eventually(async () => (await identify(node, "probe", "k", ++probes)).status === 200, 20_000);
const slowest = (outcomes: readonly Outcome[]) => outcomes.reduce((most, { ms }) => Math.max(most, ms), 0);
const residentMegabytes = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

/** Answers are 200, or 503 with a time to come back. */
function expectHonest(outcomes: readonly Outcome[]): void {
  const kinds = new Set(outcomes.map(({ status, retryAfter }) => `${status} ${retryAfter !== null}`));
  for (const kind of kinds) expect(["200 false", "503 true"]).toContain(kind);
  expect(slowest(outcomes)).toBeLessThan(LONGEST_MS);
}

/** Asks for flags again and again while `work` runs; every answer must be there, and soon. */
async function whileFlagsAreServed(work: () => Promise<void>): Promise<void> {
  let isOver = false;
  const waits: number[] = [];
  const asking = (async () => {
    while (!isOver) {
      const started = performance.now();
      expect(await servedFlags(node)).toEqual(["on", "off"]);
      waits.push(performance.now() - started);
      await Bun.sleep(20);
    }
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await asking;
  }
  expect(waits.length).toBeGreaterThan(10);
  // Whoever waited for the database would wait for five seconds and more.
  expect(Math.max(...waits)).toBeLessThan(4000);
}

suite("a node whose PostgreSQL", () => {
  beforeAll(async () => {
    server = await startTestPostgres();
    adminKey = await prepare(server.url);
    node = await startNode(server.url);
    expect(await servedFlags(node)).toEqual(["on", "off"]);
  }, 60_000);
  afterAll(async () => {
    const code = await node.stop();
    await server.remove();
    expect(code).toBe(0);
  }, 60_000);

  test.each(["fast", "kill"] as const)(
    "is stopped (%s) and started under load serves flags, refuses writes in time, loses nothing, and recovers",
    async (how) => {
      const load = startLoad(node, 32, how);
      await whileFlagsAreServed(async () => {
        await Bun.sleep(500);
        await server.stop(how);
        const before = load.outcomes.length;
        await Bun.sleep(1500);
        const away = load.outcomes.slice(before);
        expect(away.filter(({ status }) => status === 503).length).toBeGreaterThan(20);
        // Calls that were under way when it went may still have been answered by it.
        expect(away.slice(64).every(({ status }) => status === 503)).toBe(true);
        await server.start();
        expect(await isBack()).toBe(true);
        await Bun.sleep(300);
      });
      await load.stop();
      expectHonest(load.outcomes);
      expect(load.acknowledged.size).toBe(32);
      expect(await lostWrites(node, load.acknowledged)).toEqual([]);
    },
    60_000,
  );

  test("went away after a change that nobody has loaded yet still serves what it had", async () => {
    await hideDisabled(node, adminKey, true);
    await server.stop("fast");
    expect(await servedFlags(node)).toEqual(["on", "off"]);
    await server.start();
    await untilServed(node, 1);
    expect(await isBack()).toBe(true);
    await hideDisabled(node, adminKey, false);
    await untilServed(node, 2);
  }, 30_000);

  test("is locked keeps its limits: no pile-up of connections or memory, and flags at once", async () => {
    const connections = async () =>
      Number((await sql("select count(*) from pg_stat_activity where application_name = 'burgee'"))[0]?.["count"]);
    expect(await isBack()).toBe(true);
    const memory = residentMegabytes(node.pid);
    let most = 0;
    await whileFlagsAreServed(async () => {
      const locking = sql("begin", "lock table identities in access exclusive mode", "select pg_sleep(7.5)", "commit");
      await Bun.sleep(200);
      const load = startLoad(node, 128, "locked");
      for (let n = 0; n < 10; n += 1) {
        most = Math.max(most, await connections());
        await Bun.sleep(400);
      }
      await locking;
      await Bun.sleep(500);
      await load.stop();
      expectHonest(load.outcomes);
      expect(load.outcomes.some(({ status }) => status === 503)).toBe(true);
    });
    // The pool, the three of the hot lane, the one that listens.
    expect(most).toBeLessThanOrEqual(14);
    expect(residentMegabytes(node.pid) - memory).toBeLessThan(150);
    expect(await isBack()).toBe(true);
  }, 60_000);

  test("says nothing any more (SIGSTOP) is refused in time, and is back when it speaks", async () => {
    const own = await startNode(server.url);
    expect((await identify(own, "frozen", "k", 1)).status).toBe(200);
    const rows = await sql("select pid from pg_stat_activity where application_name = 'burgee'");
    const pids = rows.map(({ pid }) => Number(pid));
    for (const pid of pids) process.kill(pid, "SIGSTOP");
    try {
      const outcomes = await Promise.all(Array.from({ length: 64 }, (_, n) => identify(own, `frozen-${n}`, "k", 1)));
      for (const { status } of outcomes) expect([200, 503]).toContain(status);
      // A read and a write, each with its own limit, on a machine that may be busy.
      expect(slowest(outcomes)).toBeLessThan(30_000);
      expect(await servedFlags(own)).toEqual(["on", "off"]);
    } catch (error) {
      await own.kill();
      throw error;
    } finally {
      for (const pid of pids) process.kill(pid, "SIGCONT");
    }
    try {
      expect(await eventually(async () => (await identify(own, "thawed", "k", 1)).status === 200, 20_000)).toBe(true);
    } finally {
      expect(await own.stop()).toBe(0);
    }
    expect(await isBack()).toBe(true);
  }, 90_000);

  test("is read-only: reads go on, a write is a 503, and the log says why", async () => {
    expect((await identify(node, "reader", "k", 1)).status).toBe(200);
    await sql("alter system set default_transaction_read_only = on", "select pg_reload_conf()");
    expect(await eventually(async () => (await identify(node, "reader", "k", Math.random())).status === 503)).toBe(
      true,
    );
    const read = await fetch(`${node.url}/api/v1/identities/?identifier=reader`, {
      headers: { "X-Environment-Key": clientKey() },
    });
    expect(read.status).toBe(200);
    expect(await identify(node, "reader", "k", 2)).toMatchObject({ status: 503, retryAfter: "1" });
    expect(node.output()).toContain("read-only");
    await sql(
      "set default_transaction_read_only = off",
      "alter system reset default_transaction_read_only",
      "select pg_reload_conf()",
    );
    expect(await isBack()).toBe(true);
  }, 30_000);

  const why = mayMount() ? "" : " (this account may not mount a small disk)";
  test.skipIf(why !== "")(
    `has a full disk${why}: a write is a 503, the log says why, and room is all it needs`,
    async () => {
      const folder = mountSmallDisk();
      try {
        const place = join(folder, "space");
        mkdirSync(place);
        const [backend] = await sql("select pid from pg_stat_activity where application_name = 'burgee' limit 1");
        const { uid, gid } = statSync(`/proc/${backend?.["pid"]}`);
        chownSync(place, uid, gid);
        await sql(`create tablespace small location '${place}'`, "alter table identities set tablespace small");
        const outcomes: Outcome[] = [];
        for (let round = 0; round < 100 && outcomes.every(({ status }) => status === 200); round += 1) {
          const calls = Array.from({ length: 64 }, (_, n) =>
            identify(node, `big-${round}-${n}`, "t", "x".repeat(1900)),
          );
          outcomes.push(...(await Promise.all(calls)));
        }
        expectHonest(outcomes);
        expect(outcomes.at(-1)?.status).toBe(503);
        expect(await servedFlags(node)).toEqual(["on", "off"]);
        expect(node.output()).toContain("disk full");
      } finally {
        await sql(
          "delete from identities where identifier like 'big-%'",
          "alter table identities set tablespace pg_default",
          "drop tablespace if exists small",
        );
        unmount(folder);
      }
      expect(await isBack()).toBe(true);
    },
    60_000,
  );
});

function mountSmallDisk(): string {
  const folder = mkdtempSync(join(tmpdir(), "burgee-disk-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m,mode=755", "burgee-test", folder]);
  if (status === 0) return folder;
  unmount(folder);
  throw new Error("no disk could be mounted");
}

function unmount(folder: string): void {
  spawnSync("umount", ["--lazy", folder]);
  rmSync(folder, { recursive: true, force: true });
}

function mayMount(): boolean {
  if (databaseName !== "postgres") return true;
  try {
    unmount(mountSmallDisk());
    return true;
  } catch {
    return false;
  }
}
