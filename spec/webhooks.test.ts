/** Webhooks of real processes: nothing is lost when one is killed, and of several nodes one delivers. */
import { afterEach, describe, expect, test } from "bun:test";
import {
  createEmptyDatabase,
  databaseName,
  startTestServer,
  type TestServer,
} from "../packages/server/src/testing/index.ts";
import type { EmptyDatabase } from "../packages/server/src/testing/test-database.ts";
import { type Received, startReceiver, type TestReceiver } from "../packages/server/src/testing/test-receiver.ts";
import { clientKey } from "./builders.ts";
import { prepare } from "./postgres-nodes.ts";

const KILLS = 4;
/** Of a round before the kill, however slow the machine is. */
const WRITES = 12;
const WRITE_MS = 400;
const EVENTS = ["FLAG_UPDATED", "IDENTITY_CREATED", "TRAITS_UPDATED"];

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function open(): Promise<{ database: EmptyDatabase; key: string; receiver: TestReceiver }> {
  const database = await createEmptyDatabase();
  cleanUps.push(() => database.remove());
  const receiver = startReceiver();
  cleanUps.push(() => receiver.close());
  return { database, key: await prepare(database.url), receiver };
}

async function start(database: EmptyDatabase): Promise<TestServer> {
  const env = { BURGEE_DATABASE_URL: database.url, BURGEE_PRIVATE_WEBHOOKS: "true", BURGEE_LOG_LEVEL: "info" };
  const server = await startTestServer({ env });
  cleanUps.push(() => server.kill().catch(() => undefined));
  return server;
}

/** undefined = it was not acknowledged. */
async function ask(server: TestServer, key: string, method: string, path: string, body?: unknown) {
  try {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: { Authorization: `Api-Key ${key}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    return response.ok ? answer : undefined;
  } catch {
    return undefined;
  }
}

async function identify(server: TestServer, identifier: string, n: number): Promise<boolean> {
  try {
    const response = await fetch(`${server.url}/api/v1/identities/`, {
      method: "POST",
      headers: { "X-Environment-Key": clientKey(), "Content-Type": "application/json" },
      body: JSON.stringify({ identifier, traits: [{ trait_key: "n", trait_value: n }] }),
    });
    await response.text();
    return response.status === 200;
  } catch {
    return false;
  }
}

const environmentPath = () => `/api/v1/environments/${clientKey()}/`;

const addHook = (server: TestServer, key: string, receiver: TestReceiver) =>
  ask(server, key, "POST", `${environmentPath()}webhooks/`, {
    url: `${receiver.url}/hook`,
    secret: "s3cret",
    events: EVENTS,
  });

async function statePaths(server: TestServer, key: string): Promise<string[]> {
  const page = await ask(server, key, "GET", `${environmentPath()}featurestates/`);
  const states = page?.["results"] as { id: number }[];
  return states.map((state) => `${environmentPath()}featurestates/${state.id}/`);
}

interface FlagState {
  readonly feature: { readonly id: number };
  readonly feature_state_value: number;
}

/** What was told of each feature, in the order it arrived. */
function valuesByFeature(received: readonly Received[]): number[][] {
  const states = received.filter((one) => one.type === "FLAG_UPDATED").map((one) => one.data["new_state"] as FlagState);
  return [...Map.groupBy(states, (state) => state.feature.id).values()].map((some) =>
    some.map((state) => state.feature_state_value),
  );
}

/** What was told last of each identity. */
function lastTraits(received: readonly Received[]): Map<string, number> {
  const last = new Map<string, number>();
  for (const { type, data } of received) {
    if (type === "FLAG_UPDATED") continue;
    const { identifier } = data["identity"] as { identifier: string };
    last.set(identifier, (data["traits"] as { n: number }).n);
  }
  return last;
}

async function untilEmpty(server: TestServer, key: string, limitMs: number): Promise<void> {
  const end = Date.now() + limitMs;
  for (let quiet = 0; quiet < 3; ) {
    const hooks = (await ask(server, key, "GET", `${environmentPath()}webhooks/`)) as unknown as { waiting: number }[];
    quiet = hooks?.[0]?.waiting === 0 ? quiet + 1 : 0;
    if (Date.now() > end) throw new Error(`${hooks?.[0]?.waiting} events still wait`);
    await Bun.sleep(700);
  }
}

test(
  "whatever is acknowledged arrives, in order, though the process is killed in the middle again and again",
  async () => {
    const { database, key, receiver } = await open();
    let failures = 0;
    receiver.answer(async (_one, count) => {
      await Bun.sleep(5);
      if (count % 40 !== 7 || failures === 3) return new Response("thanks");
      failures += 1;
      return new Response("no", { status: 500 });
    });
    const acknowledged = { flags: [] as number[], traits: new Map<string, number>() };
    let n = 0;
    let server = await start(database);
    expect(await addHook(server, key, receiver)).toBeDefined();
    const [path = ""] = await statePaths(server, key);
    for (let round = 0; round < KILLS; round += 1) {
      const running = server;
      const began = performance.now();
      let killed: Promise<void> | undefined;
      for (let writes = 0; ; writes += 1) {
        // In the middle of whatever is under way then.
        if (writes >= WRITES && performance.now() - began > WRITE_MS) killed ??= running.kill();
        n += 1;
        const identifier = `identity-${n % 5}`;
        if (!(await ask(running, key, "PATCH", path, { feature_state_value: n }))) break;
        acknowledged.flags.push(n);
        if (!(await identify(running, identifier, n))) break;
        acknowledged.traits.set(identifier, n);
      }
      await (killed ?? running.kill());
      server = await start(database);
    }
    // The last word about every identity, which the kill may have left open.
    for (const identifier of acknowledged.traits.keys()) {
      n += 1;
      expect(await identify(server, identifier, n)).toBe(true);
      acknowledged.traits.set(identifier, n);
    }
    await untilEmpty(server, key, 60_000);
    const [values = []] = valuesByFeature(receiver.received);
    expect(acknowledged.flags.length).toBeGreaterThanOrEqual(KILLS * WRITES);
    const told = new Set(values);
    expect(acknowledged.flags.filter((value) => !told.has(value))).toEqual([]);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(lastTraits(receiver.received)).toEqual(acknowledged.traits);
    expect(await server.stop()).toBe(0);
  },
  { timeout: 180_000 },
);

const nodes =
  databaseName === "postgres"
    ? (name: string, define: () => void) => describe(name, define)
    : (name: string, define: () => void) => describe.skip(`${name} (one process owns a SQLite file)`, define);

nodes("two nodes", () => {
  test(
    "deliver each event once, in order, whichever was asked",
    async () => {
      const { database, key, receiver } = await open();
      const servers = await Promise.all([start(database), start(database)]);
      const [a, b] = servers as [TestServer, TestServer];
      expect(await addHook(a, key, receiver)).toBeDefined();
      const paths = await statePaths(a, key);
      expect(paths.length).toBeGreaterThan(1);
      const rounds = 60;
      for (let n = 1; n <= rounds; n += 1) {
        const node = n % 2 === 0 ? a : b;
        const changed = paths.map((path) => ask(node, key, "PATCH", path, { feature_state_value: n }));
        expect((await Promise.all(changed)).every((answer) => answer !== undefined)).toBe(true);
        expect(await identify(n % 3 === 0 ? a : b, `identity-${n % 10}`, n)).toBe(true);
      }
      await untilEmpty(a, key, 30_000);
      const expected = Array.from({ length: rounds }, (_, i) => i + 1);
      expect(valuesByFeature(receiver.received)).toEqual(paths.map(() => expected));
      const ids = receiver.received.map((one) => one.headers.get("webhook-id"));
      expect(new Set(ids).size).toBe(ids.length);
      const last = new Map(Array.from({ length: 10 }, (_, i) => [`identity-${i}`, i === 0 ? rounds : rounds - 10 + i]));
      expect(lastTraits(receiver.received)).toEqual(last);
      // Both had a share in it.
      for (const server of servers) {
        const metrics = await (await fetch(`${server.url}/metrics`)).text();
        expect(Number(/attempts_total\{result="delivered"\} (\d+)/.exec(metrics)?.[1])).toBeGreaterThan(0);
        expect(metrics).toContain("burgee_webhook_queue_length 0");
        expect(await server.stop()).toBe(0);
      }
    },
    { timeout: 120_000 },
  );
});
