/** Behind a proxy that hands a connection to whoever has a transaction: nothing may be kept on one, and listening needs a way past it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEmptyDatabase, databaseName, onServer } from "../packages/server/src/testing/index.ts";
import {
  hideDisabled,
  lostWrites,
  median,
  prepare,
  servedFlags,
  startLoad,
  startNode,
  untilServed,
} from "./postgres-nodes.ts";
import { eventually } from "./sdk/sample.ts";

const program = Bun.which("pgbouncer", { PATH: `${process.env["PATH"]}:/usr/sbin` });
const reason = databaseName === "sqlite" ? "a SQLite file has no connections" : "pgbouncer is not installed";
const suite =
  databaseName === "postgres" && program
    ? (name: string, define: () => void) => describe(name, define)
    : (name: string, define: () => void) => describe.skip(`${name} (${reason})`, define);

const SERVER_CONNECTIONS = 6;

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function startProxy(folder: string, databaseUrl: string): Promise<{ process: ChildProcess; url: string }> {
  const { port, pathname, username } = new URL(databaseUrl);
  const listenPort = await freePort();
  const users = join(folder, "users.txt");
  await writeFile(users, `"${username}" ""\n`);
  const settings = {
    listen_addr: "127.0.0.1",
    listen_port: listenPort,
    unix_socket_dir: "",
    auth_type: "trust",
    auth_file: users,
    pool_mode: "transaction",
    default_pool_size: SERVER_CONNECTIONS,
    max_client_conn: 200,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const file = join(folder, "pgbouncer.ini");
  await writeFile(file, `[databases]\n* = host=127.0.0.1 port=${port}\n[pgbouncer]\n${lines.join("\n")}\n`);
  // It refuses to run as root; the folder is open to whom it runs as instead.
  const drop = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] : [];
  const [command = "", ...args] = [...drop, program ?? "", file];
  const child = spawn(command, args, { stdio: "ignore" });
  const url = `postgres://${username}@127.0.0.1:${listenPort}${pathname}`;
  const isUp = await eventually(
    () =>
      onServer(url, "select 1").then(
        () => true,
        () => false,
      ),
    10_000,
  );
  if (!isUp) throw new Error("pgbouncer did not start");
  return { process: child, url };
}

suite("two nodes behind PgBouncer in transaction mode", () => {
  let folder: string;
  let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let adminKey: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "burgee-pgbouncer-"));
    await Bun.spawn(["chmod", "755", folder]).exited;
    database = await createEmptyDatabase();
    proxy = await startProxy(folder, database.url);
    adminKey = await prepare(database.url);
  }, 60_000);
  afterAll(async () => {
    proxy.process.kill("SIGKILL");
    await database.remove();
    await rm(folder, { recursive: true, force: true });
  });

  test("the first start migrates through it, all answers are right, and few connections reach the database", async () => {
    const empty = await createEmptyDatabase();
    const url = new URL(proxy.url);
    url.pathname = new URL(empty.url).pathname;
    const env = { BURGEE_DATABASE_PREPARE: "false" };
    const nodes = await Promise.all([startNode(url.href, env), startNode(url.href, env)]);
    await prepare(empty.url);
    for (const [index, node] of nodes.entries()) {
      await untilServed(node, 2);
      const load = startLoad(node, 32, `node-${index}`);
      await Bun.sleep(1000);
      await load.stop();
      expect(load.outcomes.filter(({ status }) => status !== 200)).toEqual([]);
      expect(await lostWrites(node, load.acknowledged)).toEqual([]);
    }
    const [row] = await onServer(
      empty.url,
      "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    expect(Number(row?.["count"])).toBeLessThanOrEqual(SERVER_CONNECTIONS);
    for (const node of nodes) expect(await node.stop()).toBe(0);
    await empty.remove();
  }, 60_000);

  for (const [what, env, limitMs] of [
    ["with a way past it, a change is heard at once", (): string => database.url, 500],
    ["without one, a change is found by comparing revisions", (): string => "", 3000],
  ] as const) {
    test(what, async () => {
      const settings = { BURGEE_DATABASE_PREPARE: "false", BURGEE_DATABASE_LISTEN_URL: env() };
      const [a, b] = await Promise.all([startNode(proxy.url, settings), startNode(proxy.url, settings)]);
      const waits: number[] = [];
      for (let n = 0; n < 7; n += 1) {
        expect(await servedFlags(b)).toBeDefined();
        await hideDisabled(a, adminKey, n % 2 === 0);
        waits.push(await untilServed(b, n % 2 === 0 ? 1 : 2));
      }
      expect(median(waits)).toBeLessThan(limitMs);
      await hideDisabled(a, adminKey, false);
      for (const node of [a, b]) expect(await node.stop()).toBe(0);
    }, 60_000);
  }
});
