/** Many at once on one identity, against the real program: nobody's write is lost, nobody is created twice, nobody sees a 500. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lookInto, runBurgee, startTestServer, type TestServer } from "../packages/server/src/testing/index.ts";
import { buildDocument, clientKey, serverKey } from "./builders.ts";

const MANY = 64;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  const file = join(server.folder, "document.json");
  await writeFile(file, JSON.stringify(buildDocument({ features: [{ name: "on", enabled: true }] })));
  expect(
    (await runBurgee(server.folder, ["import", "environment-document", file, "--server-key", serverKey()])).code,
  ).toBe(0);
}, 60_000);
afterAll(async () => {
  await server.stop();
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly traits: Readonly<Record<string, unknown>>;
}

async function call(path: string, body?: unknown, method = "POST"): Promise<Answer> {
  const response = await fetch(`${server.url}/api/v1/${path}`, {
    method: body === undefined ? "GET" : method,
    headers: { "X-Environment-Key": clientKey(), "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const { traits = [] } = (text === "" ? {} : JSON.parse(text)) as {
    traits?: { trait_key: string; trait_value: unknown }[];
  };
  return { status: response.status, text, traits: Object.fromEntries(traits.map((t) => [t.trait_key, t.trait_value])) };
}

const trait = (trait_key: string, trait_value: unknown, transient = false) => ({ trait_key, trait_value, transient });
const identify = (identifier: string, ...traits: unknown[]) => call("identities/", { identifier, traits });
const all = <T>(count: number, make: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)));
const read = async (identifier: string) => (await call(`identities/?identifier=${identifier}`)).traits;

async function countIdentities(identifier: string): Promise<number> {
  const rows = await lookInto(server.folder, ({ kysely }) =>
    kysely.selectFrom("identities").select("id").where("identifier", "=", identifier).execute(),
  );
  return rows.length;
}

test("64 writers with keys of their own on one identity: no key is missing", async () => {
  const answers = await all(MANY, async (writer) => {
    const own: Answer[] = [];
    for (let n = 0; n < 10; n += 1)
      own.push(await identify("crowded", trait(`w${writer}-${n}`, n), trait(`last-${writer}`, n)));
    return own;
  });
  expect(new Set(answers.flat().map((answer) => answer.status))).toEqual(new Set([200]));
  // Each answer already holds what its own call and its earlier ones wrote.
  for (const [writer, own] of answers.entries()) {
    for (const [n, { traits }] of own.entries())
      expect([traits[`w${writer}-0`], traits[`w${writer}-${n}`], traits[`last-${writer}`]]).toEqual([0, n, n]);
  }
  const stored = await read("crowded");
  expect(Object.keys(stored).length).toBe(MANY * 11);
  for (let writer = 0; writer < MANY; writer += 1) expect(stored[`last-${writer}`]).toBe(9);
  expect(await countIdentities("crowded")).toBe(1);
});

test("64 writers by all routes at once: no key is missing", async () => {
  const answers = await all(MANY, (i) => {
    const identity = { identifier: "routes" };
    const key = `k${i}`;
    if (i % 4 === 0) return identify("routes", trait(key, i));
    if (i % 4 === 1) return call("traits/", { identity, trait_key: key, trait_value: i });
    if (i % 4 === 2) return call("traits/bulk/", [{ identity, trait_key: key, trait_value: i }], "PUT");
    return call("bulk-identities/", { data: [{ identifier: "routes", traits: [trait(key, i)] }] });
  });
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
  expect(await read("routes")).toEqual(Object.fromEntries(Array.from({ length: MANY }, (_, i) => [`k${i}`, i])));
});

test("64 first identifies of one identity: one identity, all 200", async () => {
  for (let round = 0; round < 10; round += 1) {
    const name = `first-${round}`;
    const answers = await all(MANY, (i) =>
      i % 2 === 0 ? call(`identities/?identifier=${name}`) : identify(name, trait(`k${i}`, i)),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(await countIdentities(name)).toBe(1);
    expect(Object.keys(await read(name)).length).toBe(MANY / 2);
  }
});

test("64 writers of one key: every answer is a 200, and the last value is one of theirs", async () => {
  const answers = await all(MANY, (i) => identify("contested", trait("k", i)));
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
  expect(await read("contested")).toEqual({ k: expect.any(Number) });
});

test("increments that run at once add up exactly", async () => {
  const answers = await all(MANY, async (i) => {
    const statuses: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      statuses.push(
        (await call("traits/increment-value/", { identifier: "sum", trait_key: "c", increment_by: (i % 3) - 1 + n }))
          .status,
      );
    }
    return statuses;
  });
  expect(new Set(answers.flat())).toEqual(new Set([200]));
  let sum = 0;
  for (let i = 0; i < MANY; i += 1) for (let n = 0; n < 8; n += 1) sum += (i % 3) - 1 + n;
  expect(await read("sum")).toEqual({ c: sum });
});

test("increments answer each sum once", async () => {
  const answers = await all(MANY, () =>
    call("traits/increment-value/", { identifier: "ticket", trait_key: "n", increment_by: 1 }),
  );
  const values = answers.map((answer) => (JSON.parse(answer.text) as { trait_value: number }).trait_value);
  expect(values.sort((a, b) => a - b)).toEqual(Array.from({ length: MANY }, (_, i) => i + 1));
});

test("deletions and writes of different keys do not disturb one another", async () => {
  await identify("mixed", ...Array.from({ length: MANY }, (_, i) => trait(`old-${i}`, i)));
  await all(MANY, (i) =>
    i % 2 === 0
      ? identify("mixed", trait(`old-${i}`, null))
      : identify("mixed", trait(`new-${i}`, i), trait("passing", 1, true)),
  );
  const stored = Object.keys(await read("mixed")).sort();
  const odd = Array.from({ length: MANY / 2 }, (_, i) => i * 2 + 1);
  expect(stored).toEqual([...odd.map((i) => `old-${i}`), ...odd.map((i) => `new-${i}`)].sort());
});

test("analytics that arrive at once add up exactly", async () => {
  await all(MANY, () => call("analytics/flags/", { on: 3 }));
  const { stdout } = await runBurgee(server.folder, ["usage", clientKey(), "--feature", "on"]);
  expect(stdout).toMatch(new RegExp(`on\\s+${MANY * 3}\\n`));
});
