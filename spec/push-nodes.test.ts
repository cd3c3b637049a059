/** Streams across several real nodes on one PostgreSQL database. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createEmptyDatabase, databaseName, onServer, type TestServer } from "../packages/server/src/testing/index.ts";
import { clientKey, serverKey } from "./builders.ts";
import { type OpenStream, openStream } from "./event-stream.ts";
import { hideDisabled, identify, median, prepare, startNode } from "./postgres-nodes.ts";

const suite =
  databaseName === "postgres"
    ? (name: string, define: () => void) => describe(name, define)
    : (name: string, define: () => void) => describe.skip(`${name} (one process owns a SQLite file)`, define);

const told = (stream: OpenStream) => stream.text().split("event: changed").length - 1;

suite("streams of two nodes", () => {
  let database: Awaited<ReturnType<typeof createEmptyDatabase>>;
  let adminKey: string;
  let a: TestServer;
  let b: TestServer;
  let writes = 0;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    adminKey = await prepare(database.url);
    [a, b] = await Promise.all([startNode(database.url), startNode(database.url)]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([a.stop(), b.stop()]);
    await database.remove();
  }, 60_000);

  const listen = async (node: TestServer, identifier: string): Promise<OpenStream> => {
    const query = `identifier=${encodeURIComponent(identifier)}&key=${clientKey()}`;
    const stream = await openStream(`${node.url}/api/v1/stream/identity/?${query}`);
    await stream.until((text) => text.includes("event: ready"));
    return stream;
  };
  const write = async (node: TestServer, identifier: string) => {
    writes += 1;
    expect((await identify(node, identifier, "n", writes)).status).toBe(200);
  };

  test(
    "a trait written on one node reaches a listener of the other within a blink, and nobody else",
    async () => {
      const ana = await listen(b, "ana");
      const bob = await listen(b, "bob");
      const waits: number[] = [];
      for (let n = 1; n <= 20; n += 1) {
        await write(a, "ana");
        const started = performance.now();
        await ana.until(() => told(ana) >= n, 5000);
        waits.push(performance.now() - started);
        await Bun.sleep(60);
      }
      expect(median(waits)).toBeLessThan(500);
      expect(told(bob)).toBe(0);
      await write(b, "bob");
      await bob.until(() => told(bob) === 1);
      for (const stream of [ana, bob]) stream.close();
    },
    { timeout: 30_000, retry: 2 },
  );

  test(
    "an override set on one node reaches its identity on the other, and not its neighbour",
    async () => {
      await write(a, "over");
      const [over, other] = await Promise.all([listen(b, "over"), listen(b, "other")]);
      const before = [told(over), told(other)];
      const headers = { Authorization: `Api-Key ${adminKey}`, "Content-Type": "application/json" };
      const path = `${a.url}/api/v1/environments/${clientKey()}/identities/by-identifier/over/overrides/on/`;
      const answer = await fetch(path, { method: "PUT", headers, body: JSON.stringify({ enabled: false }) });
      expect([answer.status, await answer.text()]).toEqual([201, expect.any(String)]);
      await over.until(() => told(over) > (before[0] ?? 0), 3000);
      await Bun.sleep(300);
      expect(told(other)).toBe(before[1] ?? 0);
      for (const stream of [over, other]) stream.close();
    },
    { timeout: 30_000, retry: 2 },
  );

  test(
    "who comes back to another node hears there what it missed on the first",
    async () => {
      const headers = { "X-Environment-Key": serverKey() };
      const path = "/api/v1/stream/environment/";
      const first = await openStream(`${a.url}${path}`, headers);
      const text = await first.until((so) => so.includes("event: ready"));
      const last = Number(/^id: (\d+)/m.exec(text)?.[1]);
      first.close();
      for (const hides of [true, false]) await hideDisabled(a, adminKey, hides);
      const second = await openStream(`${b.url}${path}`, { ...headers, "Last-Event-ID": String(last) });
      const replayed = await second.until((so) => so.includes(`id: ${last + 2}\n`), 3000);
      expect([...replayed.matchAll(/^id: (\d+)\nevent: (\w+)$/gm)].map(([, id, event]) => [Number(id), event])).toEqual(
        [
          [last + 1, "change"],
          [last + 2, "change"],
        ],
      );
      second.close();
    },
    { timeout: 30_000, retry: 2 },
  );

  test(
    "after the listening connections were cut, listeners are told to look again, and hear again",
    async () => {
      const ana = await listen(b, "ana");
      const before = told(ana);
      await onServer(
        database.url,
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'burgee' and query ~* '^(listen |select 1$)'`,
      );
      await ana.until(() => told(ana) > before, 5000);
      await Bun.sleep(1000);
      const again = told(ana);
      await write(a, "ana");
      await ana.until(() => told(ana) > again, 3000);
      ana.close();
    },
    { timeout: 30_000, retry: 2 },
  );
});
