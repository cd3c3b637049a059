/** Several real nodes on one PostgreSQL database behave as one, whatever happens to their connections or to one of them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createEmptyDatabase, databaseName, onServer, type TestServer } from "../packages/server/src/testing/index.ts";
import { clientKey } from "./builders.ts";
import { openStream } from "./event-stream.ts";
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

const suite =
  databaseName === "postgres"
    ? (name: string, define: () => void) => describe(name, define)
    : (name: string, define: () => void) => describe.skip(`${name} (one process owns a SQLite file)`, define);

suite("nodes that start together on an empty database", () => {
  test("all come up and serve the same", async () => {
    const database = await createEmptyDatabase();
    const nodes = await Promise.all([1, 2, 3].map(() => startNode(database.url)));
    await prepare(database.url);
    for (const node of nodes) expect(await untilServed(node, 2)).toBeLessThan(5000);
    const [row] = await onServer(database.url, "select count(distinct name) = count(*) as once from kysely_migration");
    expect(row).toEqual({ once: true });
    for (const node of nodes) expect(await node.stop()).toBe(0);
    await database.remove();
  }, 60_000);
});

/** Revisions are compared once a second; the rest is for a machine that is busy. */
const SOON_MS = 5000;

suite("two nodes", () => {
  let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
  let adminKey: string;
  let a: TestServer;
  let b: TestServer;
  let hides = false;
  /** Changes one node and waits for the other. */
  const changeAndWait = async (changed: TestServer, watched: TestServer): Promise<number> => {
    hides = !hides;
    await hideDisabled(changed, adminKey, hides);
    return untilServed(watched, hides ? 1 : 2);
  };

  /**
   * Who only compares revisions finds a change that is made right after the last one was found a second later, each time. Listening may
   * take a moment to come back, and a busy machine its time.
   */
  const expectAtOnce = async (changed: TestServer, watched: TestServer): Promise<void> => {
    const isAtOnce = async () => {
      const waits: number[] = [];
      for (let n = 0; n < 7; n += 1) waits.push(await changeAndWait(changed, watched));
      return median(waits) < 500;
    };
    expect(await eventually(isAtOnce, 15_000)).toBe(true);
  };

  beforeAll(async () => {
    database = await createEmptyDatabase();
    adminKey = await prepare(database.url);
    [a, b] = await Promise.all([startNode(database.url), startNode(database.url)]);
    for (const node of [a, b]) expect(await servedFlags(node)).toEqual(["on", "off"]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([a.stop(), b.stop()]);
    await database.remove();
  }, 60_000);

  test("a change on one is served by the other at once", async () => {
    await expectAtOnce(a, b);
    await expectAtOnce(b, a);
  }, 60_000);

  test("a change made while nobody listens is found soon, and listening comes back by itself", async () => {
    // A listener's last statement is LISTEN, or its check of itself every few seconds.
    const cut = await onServer(
      database.url,
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'burgee' and query ~* '^(listen |select 1$)'`,
    );
    expect(cut.length).toBeGreaterThanOrEqual(2);
    expect(await changeAndWait(a, b)).toBeLessThan(SOON_MS);
    await expectAtOnce(a, b);
  }, 60_000);

  test("clients of both nodes hear of a change made on either", async () => {
    const open = (node: TestServer) => openStream(`${node.url}/sse/environments/${clientKey()}/stream`);
    const streams = await Promise.all([open(a), open(b)]);
    const told = (text: string) => text.split("event: environment_updated").length - 1;
    for (const stream of streams) await stream.until((text) => told(text) >= 1);
    for (const changed of [a, b]) {
      const before = streams.map((stream) => told(stream.text()));
      hides = !hides;
      await hideDisabled(changed, adminKey, hides);
      for (const [index, stream] of streams.entries())
        await stream.until((text) => told(text) > (before[index] ?? 0), 3000);
    }
    for (const stream of streams) stream.close();
  }, 30_000);

  test("every connection cut by the server: both nodes serve on and hear of one another again", async () => {
    await onServer(
      database.url,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'burgee'",
    );
    for (const node of [a, b]) expect(await servedFlags(node)).toBeDefined();
    await Bun.sleep(1000);
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const)
      expect(await changeAndWait(one, other)).toBeLessThan(SOON_MS);
  }, 30_000);
});

suite("kill -9 of a node under load", () => {
  test("loses no acknowledged trait, and the other node serves on", async () => {
    const database = await createEmptyDatabase();
    await prepare(database.url);
    const survivor = await startNode(database.url);
    const started = performance.now();
    // Five kills, or as many as a busy machine does in a while.
    for (let round = 0; round < 5 && (round < 2 || performance.now() - started < 20_000); round += 1) {
      const node = await startNode(database.url);
      const load = startLoad(node, 32, `round-${round}`);
      // A busy machine takes its time until the first write is acknowledged.
      expect(await eventually(async () => load.acknowledged.size > 0, 10_000)).toBe(true);
      await Bun.sleep(100 + round * 70);
      await node.kill();
      await load.stop();
      expect(load.acknowledged.size).toBeGreaterThan(0);
      expect(await lostWrites(survivor, load.acknowledged)).toEqual([]);
    }
    expect(await servedFlags(survivor)).toEqual(["on", "off"]);
    expect(await survivor.stop()).toBe(0);
    await database.remove();
  }, 60_000);
});
