import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Usage } from "@burgee/contract/admin";
import { type Body, createStage, type Stage } from "../../testing/index.ts";
import { addCounts } from "./add-counts.ts";
import { createUsageStore, forgetUsage } from "./usage.store.ts";

const DAY_MS = 86_400_000;
const today = Math.floor(Date.now() / DAY_MS);
const dayText = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, 10);

let stage: Stage;
let environment: Body;
let features: Body[];

beforeAll(async () => {
  stage = await createStage();
  const project = await stage.send(201, "POST", "/api/v1/projects/", {
    name: "Shop",
    organisation: stage.organisationId,
  });
  environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "Production", project: project.id });
  features = [];
  for (const name of ["checkout", "banner", "2"]) {
    features.push(await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, { name }));
  }
  const use = (feature: number, day: number, sdk: string, enabled: number, count: number) => ({
    environment_id: environment.id,
    feature_id: features[feature]?.id ?? 0,
    day,
    sdk,
    enabled,
    count,
  });
  await stage.app.db.kysely
    .insertInto("feature_usage")
    .values([
      use(0, today, "flagsmith-js-sdk/9.0.0", 1, 5),
      use(0, today, "flagsmith-js-sdk/9.0.0", 0, 2),
      use(0, today, "", -1, 1),
      use(0, today - 1, "ofrep", 1, 100),
      use(1, today, "flagsmith-js-sdk/9.0.0", 1, 1000),
      use(1, today - 40, "flagsmith-js-sdk/9.0.0", 1, 77),
      use(1, today - 500, "flagsmith-js-sdk/9.0.0", 1, 1),
      ...Array.from({ length: 30 }, (_, n) => use(2, today - 10, `flagsmith-go-sdk/${n}`, -1, n + 1)),
    ])
    .execute();
  const requests = (resource: string, day: number, sdk: string, count: number) => ({
    environment_id: environment.id,
    resource,
    day,
    sdk,
    count,
  });
  await stage.app.db.kysely
    .insertInto("request_usage")
    .values([
      requests("flags", today, "flagsmith-js-sdk/9.0.0", 10),
      requests("identities", today, "flagsmith-js-sdk/9.0.0", 20),
      requests("environment-document", today, "", 3),
      requests("ofrep", today, "ofrep", 4),
      requests("flags", today - 45, "", 8),
      requests("flags", today - 500, "", 1),
    ])
    .execute();
});
afterAll(() => stage.close());

const usage = (query = "") =>
  stage.send<Usage>(200, "GET", `/api/v1/environments/${environment["api_key"]}/usage/${query}`);

describe("an environment's charts", () => {
  test("hold every day, the last of them today, with its SDKs", async () => {
    const { from, to, evaluations, requests, feature } = await usage("?days=7");
    expect([from, to, feature]).toEqual([dayText(today - 6), dayText(today), null]);
    expect(evaluations.days.map(({ day }) => day)).toEqual([6, 5, 4, 3, 2, 1, 0].map((ago) => dayText(today - ago)));
    expect(evaluations.days.at(-1)).toEqual({
      day: dayText(today),
      total: 1008,
      enabled: 1005,
      disabled: 2,
      unknown: 1,
      sdks: [
        { sdk: "flagsmith-js-sdk/9.0.0", count: 1007 },
        { sdk: "unknown", count: 1 },
      ],
    });
    expect(evaluations.days[0]).toMatchObject({ total: 0, sdks: [] });
    expect(evaluations.total).toBe(1008 + 100);
    expect(requests.days.at(-1)).toEqual({
      day: dayText(today),
      total: 37,
      resources: { flags: 10, identities: 20, traits: 0, environment_document: 3, ofrep: 4 },
      sdks: [
        { sdk: "flagsmith-js-sdk/9.0.0", count: 30 },
        { sdk: "ofrep", count: 4 },
        { sdk: "unknown", count: 3 },
      ],
    });
    expect(requests.total).toBe(37);
  });

  test("name the SDKs that count most, and add up the others", async () => {
    const { sdks, days } = (await usage("?days=11")).evaluations;
    expect(sdks).toHaveLength(21);
    expect(sdks.map(({ count }) => count)).toEqual([...sdks.map(({ count }) => count)].sort((a, b) => b - a));
    const others = sdks.find(({ sdk }) => sdk === "others")?.count ?? 0;
    expect(others).toBeGreaterThan(0);
    expect(days[0]?.sdks.reduce((sum, { count }) => sum + count, 0)).toBe(465);
  });

  test("of one feature, by number or name; a number that is a name is that name", async () => {
    const byId = await usage(`?feature=${features[0]?.id}`);
    expect(byId.feature).toEqual({ id: features[0]?.id ?? 0, name: "checkout" });
    expect(byId.evaluations.total).toBe(108);
    expect(byId.evaluations.days).toHaveLength(30);
    expect(byId.features).toEqual([]);
    expect((await usage("?feature=checkout")).evaluations).toEqual(byId.evaluations);
    const named = await usage(`?feature=2`);
    expect([features.some(({ id }) => id === 2), named.feature?.name]).toContainEqual(
      features.some(({ id }) => id === 2) ? true : "2",
    );
  });

  test("list the most evaluated features", async () => {
    const { features: most } = await usage("?days=366");
    expect(most.map(({ name, count }) => [name, count])).toEqual([
      ["banner", 1077],
      ["2", 465],
      ["checkout", 108],
    ]);
  });

  test("are refused where the feature or the number of days is none", async () => {
    const path = `/api/v1/environments/${environment["api_key"]}/usage/`;
    expect(await stage.send(400, "GET", `${path}?feature=nothing`)).toEqual({
      feature: ["There is no such feature."],
    } as never);
    for (const days of ["0", "367", "x", "1.5"]) {
      expect(Object.keys(await stage.send(400, "GET", `${path}?days=${days}`))).toEqual(["days"]);
    }
  });
});

describe("an organisation's requests", () => {
  const path = () => `/api/v1/organisations/${stage.organisationId}/usage-data/`;
  test("are a line a day and SDK, oldest first", async () => {
    const lines = await stage.send<{ day: string; labels: { user_agent: string | null } }[]>(200, "GET", path());
    const zero = { flags: 0, identities: 0, traits: 0, environment_document: 0 };
    const labels = (user_agent: string | null) => ({
      client_application_name: null,
      client_application_version: null,
      user_agent,
    });
    expect(lines as unknown).toEqual([
      { day: dayText(today), ...zero, environment_document: 3, labels: labels(null) },
      { day: dayText(today), ...zero, flags: 10, identities: 20, labels: labels("flagsmith-js-sdk/9.0.0") },
      { day: dayText(today), ...zero, identities: 4, labels: labels("ofrep") },
    ]);
  });

  test("of other periods, one project, one environment, one SDK", async () => {
    const lines = async (query: string) => (await stage.send<unknown[]>(200, "GET", `${path()}?${query}`)).length;
    expect(await lines("period=90_day_period")).toBe(4);
    expect(await lines("period=previous_billing_period")).toBe(1);
    expect(await lines(`project_id=${environment["project"]}&environment_id=${environment.id}`)).toBe(3);
    expect(await lines("user_agent=flagsmith-js-sdk/9.0.0")).toBe(1);
    expect(await stage.send(400, "GET", `${path()}?period=year`)).toHaveProperty("period");
  });

  test("in all", async () => {
    expect(await stage.send(200, "GET", `${path()}total-count/`)).toEqual({ count: 37 } as never);
  });
});

test("what SDKs report and what OFREP clients ask for is in the charts, and old days are forgotten", async () => {
  const before = (await usage("?feature=checkout")).evaluations;
  const key = String(environment["api_key"]);
  const post = (path: string, headers: Record<string, string>, body: unknown) =>
    stage.app.request(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const sdk = { "X-Environment-Key": key, "User-Agent": "flagsmith-python-sdk/6.3.0" };
  await Promise.all(
    Array.from({ length: 20 }, () => post("/api/v1/analytics/flags/", sdk, { checkout: 2, nothing: 9 })),
  );
  await post("/ofrep/v1/evaluate/flags/checkout", { "X-API-Key": key }, { context: { targetingKey: "ana" } });
  await post("/ofrep/v1/evaluate/flags", { "X-API-Key": key }, { context: { targetingKey: "ana" } });
  await stage.app.app.usage.flush();
  const { evaluations, requests } = await usage("?feature=checkout");
  expect(evaluations.total - before.total).toBe(41);
  expect(evaluations.sdks).toContainEqual({ sdk: "flagsmith-python-sdk/6.3.0", count: 40 });
  expect(evaluations.sdks).toContainEqual({ sdk: "ofrep", count: 101 });
  expect(requests.days.at(-1)?.resources.ofrep).toBe(6);

  const stored = async () => (await createUsageStore(stage.app.db, Date.now).featureUsage(environment.id, 9999)).length;
  const all = await stored();
  await forgetUsage(stage.app.db, Date.now, 400);
  expect(await stored()).toBe(all - 1);
});

test("what counts for an environment that has been deleted is forgotten, and nothing else is counted again", async () => {
  const { db, app } = stage.app;
  const total = async () => (await usage()).requests.total;
  const before = await total();
  const gone = await stage.send<{ id: number; api_key: string }>(201, "POST", "/api/v1/environments/", {
    name: "Gone",
    project: environment["project"],
  });
  for (const key of [gone.api_key, String(environment["api_key"])]) {
    await stage.app.request("/api/v1/flags/", { headers: { "X-Environment-Key": key } });
    const headers = { "X-API-Key": key, "Content-Type": "application/json" };
    const body = JSON.stringify({ context: { targetingKey: "ana" } });
    await stage.app.request("/ofrep/v1/evaluate/flags/checkout", { method: "POST", headers, body });
  }
  await stage.send(204, "DELETE", `/api/v1/environments/${gone.api_key}/`);
  for (let times = 0; times < 3; times += 1) await app.usage.flush();
  expect((await total()) - before).toBe(2);
  const late = [{ environmentId: gone.id, resource: "flags", sdk: "", count: 1 }];
  expect(await addCounts(late, createUsageStore(db, Date.now).addRequests)).toEqual([]);
});
