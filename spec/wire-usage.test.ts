/** What is counted: evaluations that SDKs report, requests that they make, and who was first. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lookInto, removeFolder, runBurgee, startTestServer } from "../packages/server/src/testing/index.ts";
import { buildDocument, clientKey, serverKey } from "./builders.ts";
import { send } from "./raw-http.ts";
import { eventually } from "./sdk/sample.ts";
import { serveTestApp } from "./serve-app.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "burgee-usage-"));
  for (const id of [1, 2, 3]) {
    const path = join(folder, `${id}.json`);
    await writeFile(path, JSON.stringify(buildDocument({ id, features: [{ name: "on" }, { name: "Off Switch" }] })));
    expect(
      (await runBurgee(folder, ["import", "environment-document", path, "--server-key", serverKey(id)])).code,
    ).toBe(0);
  }
  const server = await startTestServer({ folder });
  const call = async (path: string, key: string, headers: Readonly<Record<string, string>> = {}, body?: unknown) => {
    const base = { "X-Environment-Key": key, "Content-Type": "application/json", ...headers };
    const request = { path: `/api/${path}`, headers: base };
    const sent = body === undefined ? request : { ...request, method: "POST", body: JSON.stringify(body) };
    return (await send(server.port, sent)).status;
  };
  const statuses = [
    await call("v1/flags/", clientKey(1), { "User-Agent": "curl/8" }),
    await call("v1/flags/", clientKey(1), { "User-Agent": "flagsmith-python-sdk/6.0.0" }),
    await call("v1/flags/", serverKey(1), {
      "User-Agent": "Mozilla",
      "Flagsmith-SDK-User-Agent": "flagsmith-js-sdk/10.0.0",
    }),
    await call("v1/flags/", clientKey(1), {
      "User-Agent": "flagsmith-nodejs-sdk/8",
      "Flagsmith-SDK-User-Agent": "flagsmith-js-sdk/10.0.0",
    }),
    await call("v1/flags/", clientKey(1), { "User-Agent": "flagsmith-go-sdk/<script>" }),
    await call("v1/flags/", clientKey(1), { "User-Agent": "flagsmith-cobol-sdk/1.0" }),
    await call("v1/identities/?identifier=a", clientKey(1)),
    await call("v1/identities/", clientKey(1), {}, { identifier: "b" }),
    await call("v1/traits/", clientKey(1), {}, { identity: { identifier: "b" }, trait_key: "k", trait_value: 1 }),
    await call("v1/environment-document/", serverKey(1)),
    await call("v1/identities/?identifier=a", clientKey(2), { "User-Agent": "flagsmith-python-sdk/6.0.0" }),
    await call(
      "v1/analytics/flags/",
      clientKey(3),
      { "User-Agent": "flagsmith-java-sdk/7.1.0" },
      { on: 3, "Off Switch": 2 },
    ),
    await call("v1/analytics/flags/", clientKey(3), { "User-Agent": "flagsmith-java-sdk/7.1.0" }, { on: 4 }),
    await call("v1/analytics/flags/", serverKey(3), {}, { on: 1 }),
    await call("v1/analytics/flags/", clientKey(3), {}, { ON: 1, on: 1.5, "off switch": 1, nothing: 5 }),
    await call("v1/analytics/flags/", clientKey(3), {}, { on: "7", "Off Switch": true }),
    await call("v1/analytics/flags/", clientKey(3), {}, { on: null, "Off Switch": [1] }),
    await call(
      "v2/analytics/flags/",
      clientKey(3),
      { "User-Agent": "flagsmith-java-sdk/7.1.0" },
      {
        evaluations: [
          { feature_name: "on", enabled_when_evaluated: true, count: 5 },
          { feature_name: "on", identity_identifier: "x", enabled_when_evaluated: false, count: 6 },
          { feature_name: "nothing", enabled_when_evaluated: true, count: 7 },
        ],
      },
    ),
    await call(
      "v2/analytics/flags/",
      clientKey(3),
      {},
      { evaluations: [{ feature_name: "on", enabled_when_evaluated: true, count: 50 }, { feature_name: "on" }] },
    ),
  ];
  expect(statuses.slice(0, -2)).toEqual(new Array(statuses.length - 2).fill(200));
  expect(statuses.slice(-2)).toEqual([204, 400]);
  expect(await server.stop()).toBe(0);
}, 60_000);

afterAll(() => removeFolder(folder));

const requestUsage = (environmentId: number) =>
  lookInto(folder, ({ kysely }) =>
    kysely
      .selectFrom("request_usage")
      .select(["resource", "sdk", "count"])
      .where("environment_id", "=", environmentId)
      .orderBy("resource")
      .orderBy("sdk")
      .execute(),
  );

test("reported evaluations add up by feature, SDK and answer; what is no count of a known feature is skipped", async () => {
  const rows = await lookInto(folder, ({ kysely }) =>
    kysely
      .selectFrom("feature_usage as u")
      .innerJoin("features as f", "f.id", "u.feature_id")
      .select(["f.name", "u.sdk", "u.enabled", "u.count"])
      .where("u.environment_id", "=", 3)
      .orderBy("f.name")
      .orderBy("u.sdk")
      .orderBy("u.enabled")
      .execute(),
  );
  expect(rows.map(({ name, sdk, enabled, count }) => [name, sdk, enabled, count])).toEqual([
    ["Off Switch", "flagsmith-java-sdk/7.1.0", -1, 2],
    ["on", "", -1, 1],
    ["on", "flagsmith-java-sdk/7.1.0", -1, 7],
    ["on", "flagsmith-java-sdk/7.1.0", 0, 6],
    ["on", "flagsmith-java-sdk/7.1.0", 1, 5],
  ]);
});

test("requests add up by resource and SDK; analytics are no requests, unknown SDKs have no name", async () => {
  expect((await requestUsage(1)).map(({ resource, sdk, count }) => [resource, sdk, count])).toEqual([
    ["environment-document", "", 1],
    ["flags", "", 2],
    ["flags", "flagsmith-go-sdk/unknown", 1],
    ["flags", "flagsmith-js-sdk/10.0.0", 2],
    ["flags", "flagsmith-python-sdk/6.0.0", 1],
    ["identities", "", 2],
    ["traits", "", 1],
  ]);
  expect(await requestUsage(3)).toEqual([]);
});

test("the first flags that a known SDK asked for are noted, once, with who it was", async () => {
  const columns = ["id", "first_evaluated_sdk", "first_evaluated_at"] as const;
  const rows = await lookInto(folder, ({ kysely }) =>
    kysely.selectFrom("environments").select(columns).orderBy("id").execute(),
  );
  expect(rows.map((row) => [row.id, row.first_evaluated_sdk, row.first_evaluated_at !== null])).toEqual([
    [1, "flagsmith-python-sdk/6.0.0", true],
    [2, null, false],
    [3, null, false],
  ]);
});

test("an identity's last day moves with its next call of a later day, and not with each call", async () => {
  const day = 86_400_000;
  let clock = 20_000 * day + 5;
  const served = await serveTestApp({ now: () => clock });
  await served.importDocument(buildDocument(), serverKey());
  const lastSeen = async () => {
    const row = await served.db.kysely.selectFrom("identities").select("last_seen_day").executeTakeFirst();
    return row?.last_seen_day;
  };
  const identify = () =>
    send(served.port, { path: "/api/v1/identities/?identifier=daily", headers: { "X-Environment-Key": clientKey() } });
  await identify();
  expect(await lastSeen()).toBe(20_000);
  clock += day - 10;
  await identify();
  expect(await lastSeen()).toBe(20_000);
  clock += 3 * day;
  await identify();
  expect(await eventually(async () => (await lastSeen()) === 20_003)).toBe(true);
  await served.close();
});
