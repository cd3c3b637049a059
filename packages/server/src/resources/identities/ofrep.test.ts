import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createTestApp, type TestApp } from "../../testing/index.ts";

const KEY = "ofrepKey";
let app: TestApp;

const state = (id: number, name: string, enabled: boolean, value: unknown, more: object = {}) => ({
  feature: { id, name, type: "STANDARD" },
  enabled,
  django_id: id + 100,
  featurestate_uuid: `00000000-0000-4000-8000-0000000001${String(id).padStart(2, "0")}`,
  feature_state_value: value,
  feature_segment: null,
  multivariate_feature_state_values: [],
  ...more,
});

const variant = {
  id: 7,
  mv_fs_value_uuid: "00000000-0000-4000-9000-000000000007",
  percentage_allocation: 100,
  multivariate_feature_option: { id: 7, key: "blue", value: "#00f" },
};

const overrideFor = (id: number, name: string, enabled: boolean, value: unknown, django: number) =>
  state(id, name, enabled, value, {
    django_id: django,
    featurestate_uuid: `00000000-0000-4000-8000-000000000${django}`,
  });

beforeAll(async () => {
  app = await createTestApp();
  const pros = {
    id: 1,
    name: "pros",
    rules: [{ type: "ALL", rules: [], conditions: [{ operator: "EQUAL", property_: "plan", value: "pro" }] }],
    feature_states: [{ ...overrideFor(1, "switch", true, null, 301), feature_segment: { priority: 0 } }],
  };
  await app.importDocument(
    {
      id: 1,
      api_key: KEY,
      name: "Production",
      updated_at: "2026-01-01T00:00:00.000000+00:00",
      project: {
        id: 1,
        name: "Shop",
        hide_disabled_flags: false,
        enable_realtime_updates: false,
        server_key_only_feature_ids: [5],
        organisation: {
          id: 1,
          name: "Acme",
          feature_analytics: false,
          stop_serving_flags: false,
          persist_trait_data: true,
        },
        segments: [pros],
      },
      feature_states: [
        state(1, "switch", false, null),
        state(2, "text", true, "hello"),
        state(3, "object", true, '{"a": [1, 2]}'),
        state(4, "off", false, "unused"),
        state(5, "secret", true, 42),
        state(6, "colour", true, "grey", {
          feature: { id: 6, name: "colour", type: "MULTIVARIATE" },
          multivariate_feature_state_values: [variant],
        }),
      ],
      identity_overrides: [
        {
          identifier: "vip",
          environment_api_key: KEY,
          created_date: "2026-01-01T00:00:00.000000+00:00",
          django_id: 9,
          identity_uuid: "00000000-0000-4000-8000-000000000009",
          dashboard_alias: null,
          composite_key: `${KEY}_vip`,
          identity_traits: [],
          identity_features: [overrideFor(2, "text", true, "for vip", 401)],
        },
      ],
    },
    "ser.ofrep",
  );
});

afterAll(() => app.close());

const ask = (path: string, body: unknown, headers: Record<string, string> = { "X-API-Key": KEY }) =>
  app.request(`/ofrep/v1/evaluate/flags${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const one = async (flag: string, context: object, headers?: Record<string, string>) => {
  const answer = await ask(`/${flag}`, { context: { targetingKey: "ana", ...context } }, headers);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

describe("one flag", () => {
  test("without a value is its own switch; a segment's traits come from the context", async () => {
    expect(await one("switch", {})).toMatchObject({
      status: 200,
      body: { key: "switch", value: false, reason: "DISABLED" },
    });
    expect((await one("switch", { plan: "pro" })).body).toMatchObject({
      value: true,
      reason: "TARGETING_MATCH",
      metadata: { segment: "pros" },
    });
  });

  test("has its value typed, and none where it is off", async () => {
    expect((await one("text", {})).body).toMatchObject({ value: "hello", reason: "STATIC" });
    expect((await one("object", {})).body).toMatchObject({ value: { a: [1, 2] } });
    const off = (await one("off", {})).body;
    expect(off).toMatchObject({ reason: "DISABLED" });
    expect("value" in off).toBe(false);
    expect((await one("colour", {})).body).toMatchObject({ value: "#00f", variant: "blue", reason: "SPLIT" });
  });

  test("follows the identity's override", async () => {
    expect((await one("text", { targetingKey: "vip" })).body).toMatchObject({
      value: "for vip",
      reason: "TARGETING_MATCH",
    });
  });

  test("uses stored traits, and stores nothing itself", async () => {
    await app.request("/api/v1/identities/", {
      method: "POST",
      headers: { "X-Environment-Key": KEY, "Content-Type": "application/json" },
      body: JSON.stringify({ identifier: "stored", traits: [{ trait_key: "plan", trait_value: "pro" }] }),
    });
    expect((await one("switch", { targetingKey: "stored" })).body).toMatchObject({ value: true });
    expect((await one("switch", { targetingKey: "stored", plan: "free" })).body).toMatchObject({ value: false });
    expect((await one("switch", { targetingKey: "stored" })).body).toMatchObject({ value: true });
    await one("switch", { targetingKey: "never-seen", plan: "pro" });
    const rows = await app.db.kysely
      .selectFrom("identities")
      .select("identifier")
      .where("identifier", "in", ["ana", "never-seen"])
      .execute();
    expect(rows).toEqual([]);
  });

  test("that is unknown or not for this key is 404", async () => {
    expect(await one("nope", {})).toMatchObject({ status: 404, body: { key: "nope", errorCode: "FLAG_NOT_FOUND" } });
    expect((await one("secret", {})).status).toBe(404);
    expect(await one("secret", {}, { Authorization: "Bearer ser.ofrep" })).toMatchObject({
      status: 200,
      body: { value: 42 },
    });
  });
});

describe("what is refused", () => {
  test("keys: none, unknown", async () => {
    expect((await ask("", { context: { targetingKey: "a" } }, {})).status).toBe(401);
    expect((await ask("", { context: { targetingKey: "a" } }, { "X-API-Key": "nope" })).status).toBe(401);
  });

  test.each([
    ["{", "PARSE_ERROR"],
    ["[]", "PARSE_ERROR"],
    ["{}", "INVALID_CONTEXT"],
    ['{"context": 5}', "INVALID_CONTEXT"],
    ['{"context": {}}', "TARGETING_KEY_MISSING"],
    ['{"context": {"targetingKey": 5}}', "INVALID_CONTEXT"],
    [`{"context": {"targetingKey": "a", "t": "${"x".repeat(2001)}"}}`, "INVALID_CONTEXT"],
  ])("a bad body is named (%#)", async (body, errorCode) => {
    for (const path of ["", "/text"]) {
      const answer = await ask(path, body);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ errorCode });
    }
  });
});

describe("all flags", () => {
  const all = (context: object, headers: Record<string, string> = {}) =>
    ask("", { context: { targetingKey: "ana", ...context } }, { "X-API-Key": KEY, ...headers });

  test("come with a tag over the whole answer", async () => {
    const first = await all({});
    const tag = first.headers.get("etag") ?? "";
    const body = (await first.json()) as { flags: { key: string }[]; eventStreams: unknown[] };
    expect(body.flags.map((flag) => flag.key)).toEqual(["switch", "text", "object", "off", "colour"]);
    expect(body.eventStreams).toHaveLength(1);
    for (const sent of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
      const again = await all({}, { "If-None-Match": sent });
      expect([sent, again.status, await again.text()]).toEqual([sent, 304, ""]);
    }
    expect((await all({ plan: "pro" }, { "If-None-Match": tag })).status).toBe(200);
  });

  test("a change makes another tag, and is told to who listens", async () => {
    const abort = new AbortController();
    const stream = await app.request(`/ofrep/v1/sse?key=${KEY}`, { signal: abort.signal });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    const tag = (await all({})).headers.get("etag") ?? "";
    await app.app.changes.commit({ actor: "test", requestId: null }, async (trx) => {
      await trx.updateTable("feature_states").set({ enabled: 0 }).where("id", "=", 102).execute();
      const entry = {
        action: "UPDATE" as const,
        objectType: "feature_state",
        objectId: "102",
        organisationId: 1,
        projectId: 1,
        environmentId: 1,
        log: "off",
        before: null,
        after: null,
      };
      return { result: undefined, entries: [entry], environments: [1] };
    });
    const changed = await all({}, { "If-None-Match": tag });
    expect(changed.status).toBe(200);
    let text = "";
    while (!text.includes('"etag":"2"')) text += (await reader?.read())?.value ?? "";
    expect(text).toContain("event: message\n");
    expect(text).toContain('"type":"refetchEvaluation"');
    abort.abort();
  });
});
