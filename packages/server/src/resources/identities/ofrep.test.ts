import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createChanges } from "../../changes/commit.ts";
import { AppError } from "../../errors.ts";
import { createTestApp, type TestApp } from "../../testing/index.ts";
import type { IdentityService } from "./identity-service.ts";
import { createOfrepDoor } from "./ofrep.ts";

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
        state(3, "object", true, '{"a": [1, 2.0], "id": 12345678901234567890}'),
        state(4, "off", false, "unused"),
        state(5, "secret", true, 42),
        state(6, "colour", true, "grey", {
          feature: { id: 6, name: "colour", type: "MULTIVARIATE" },
          multivariate_feature_state_values: [variant],
        }),
        state(7, "odd/näme?", true, null),
        state(8, "keyless", true, "a", {
          feature: { id: 8, name: "keyless", type: "MULTIVARIATE" },
          multivariate_feature_state_values: [
            {
              ...variant,
              id: 8,
              mv_fs_value_uuid: "00000000-0000-4000-9000-000000000008",
              multivariate_feature_option: { id: 8, key: null, value: "b" },
            },
          ],
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
      variant: "segment",
      metadata: { source: "segment" },
    });
  });

  test("has its value typed, and none where it is off", async () => {
    expect((await one("text", {})).body).toMatchObject({ value: "hello", reason: "STATIC" });
    const long = await (await ask("/object", { context: { targetingKey: "ana" } })).text();
    expect(long).toContain('"value":{"a": [1, 2.0], "id": 12345678901234567890},');
    expect(JSON.parse(long)).toMatchObject({ key: "object", value: { a: [1, 2] }, variant: "default" });
    const off = (await one("off", {})).body;
    expect(off).toMatchObject({ reason: "DISABLED", variant: "default" });
    expect("value" in off).toBe(false);
    expect((await one("colour", {})).body).toMatchObject({ value: "#00f", variant: "blue", reason: "SPLIT" });
    const [option] = await app.db.kysely
      .selectFrom("multivariate_options")
      .select("id")
      .where("key", "is", null)
      .execute();
    expect((await one("keyless", {})).body).toMatchObject({
      value: "b",
      variant: `option-${option?.id}`,
      reason: "SPLIT",
    });
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

  test("may have any name, encoded or as far as a path goes", async () => {
    for (const path of ["odd/n%C3%A4me%3F", "odd%2Fn%C3%A4me%3F", "odd/näme%3F", "odd/n%C3%A4me%3F/"]) {
      expect((await one(path, {})).body).toMatchObject({ key: "odd/näme?", value: true });
    }
    expect((await one("%ff", {})).body).toMatchObject({ key: "%ff", errorCode: "FLAG_NOT_FOUND" });
  });

  test("says in its metadata only what clients may keep, and no revision; a segment's name is for servers", async () => {
    const { metadata } = (await one("switch", { plan: "pro" })).body;
    expect(metadata).toEqual({ flagId: 1, enabled: true, source: "segment" });
    const toServer = await one("switch", { plan: "pro" }, { "X-API-Key": "", Authorization: "Bearer ser.ofrep" });
    expect(toServer.body["metadata"]).toEqual({ flagId: 1, enabled: true, source: "segment", segment: "pros" });
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

describe("attributes", () => {
  const persist = { "X-API-Key": KEY, "X-Burgee-Persist-Traits": "true" };
  const stored = async (identifier: string) => {
    const row = await app.db.kysely
      .selectFrom("identities")
      .select("traits")
      .where("identifier", "=", identifier)
      .executeTakeFirst();
    return row && JSON.parse(row.traits);
  };

  test("are stored where a header says so, and removed by null", async () => {
    const targetingKey = "kept";
    expect((await one("switch", { targetingKey, plan: "pro", level: 3 }, persist)).body).toMatchObject({ value: true });
    expect(await stored(targetingKey)).toEqual({ plan: "pro", level: 3 });
    await one("switch", { targetingKey, " level\t": 3 }, persist);
    expect(await stored(targetingKey)).toEqual({ plan: "pro", level: 3 });
    expect((await one("switch", { targetingKey })).body).toMatchObject({ value: true });
    expect((await one("switch", { targetingKey, plan: null })).body).toMatchObject({ value: false });
    expect(await stored(targetingKey)).toEqual({ plan: "pro", level: 3 });
    expect((await one("switch", { targetingKey, plan: null }, persist)).body).toMatchObject({ value: false });
    expect(await stored(targetingKey)).toEqual({ level: 3 });
    for (const off of ["false", "0", ""]) {
      await one("switch", { targetingKey, level: 9 }, { "X-API-Key": KEY, "X-Burgee-Persist-Traits": off });
    }
    expect(await stored(targetingKey)).toEqual({ level: 3 });
  });

  test("are not stored, nor count, where a public key may say nothing about its user", async () => {
    const allow = (allow_client_traits: number) =>
      app.app.changes.commit({ actor: "test", requestId: null }, async (trx) => {
        await trx.updateTable("environments").set({ allow_client_traits }).where("id", "=", 1).execute();
        const entry = {
          action: "UPDATE" as const,
          objectType: "environment",
          objectId: "1",
          organisationId: 1,
          projectId: 1,
          environmentId: 1,
          log: "x",
          before: null,
          after: null,
        };
        return { result: undefined, entries: [entry], environments: [1] };
      });
    await allow(0);
    expect((await one("switch", { targetingKey: "public", plan: "pro" }, persist)).body).toMatchObject({
      value: false,
    });
    expect(await stored("public")).toEqual({});
    const server = { Authorization: "Bearer ser.ofrep", "X-Burgee-Persist-Traits": "1" };
    expect((await one("switch", { targetingKey: "public", plan: "pro" }, server)).body).toMatchObject({ value: true });
    expect(await stored("public")).toEqual({ plan: "pro" });
    await allow(1);
  });

  test("are not guessed at: another word in the header is refused", async () => {
    const { status, body } = await one("switch", {}, { "X-API-Key": KEY, "X-Burgee-Persist-Traits": "yes" });
    expect([status, body]).toMatchObject([400, { key: "switch", errorCode: "GENERAL" }]);
  });
});

describe("what is refused", () => {
  test("a body that is too large", async () => {
    for (const path of ["", "/text"]) {
      const answer = await ask(path, { context: { targetingKey: "a", more: "x".repeat(1024 * 1024) } });
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({ errorCode: "GENERAL" });
    }
  });

  test("what a busy or missing database means for a client", async () => {
    const { service } = { service: { identify: () => Promise.reject(failing) } as unknown as IdentityService };
    let failing: unknown;
    const door = createOfrepDoor({
      documents: app.app.documents,
      service,
      bodyLimit: 1000,
      onCall: () => {},
      onEvaluation: () => {},
      onError: () => "id-1",
    });
    const call = async (error: unknown) => {
      failing = error;
      const init = { method: "POST", headers: { "X-API-Key": KEY }, body: '{"context":{"targetingKey":"a"}}' };
      const answer = await door(new Request("http://localhost/", init), "text");
      const { headers } = answer;
      return [answer.status, headers.get("retry-after"), headers.get("x-request-id"), await answer.json()];
    };
    const body = (errorDetails: string) => ({ key: "text", errorCode: "GENERAL", errorDetails });
    const busy = new AppError("database_busy");
    expect(await call(busy)).toEqual([429, "1", "id-1", body(busy.message)]);
    const gone = new AppError("database_unavailable");
    expect(await call(gone)).toEqual([503, "1", "id-1", body(gone.message)]);
    expect(await call(new Error("secret"))).toEqual([500, null, "id-1", body("Internal server error.")]);
  });

  test("what is sent as something else than JSON", async () => {
    const headers = { "X-API-Key": KEY, "Content-Type": "application/x-www-form-urlencoded" };
    const answer = await ask("/text", { context: { targetingKey: "a" } }, headers);
    expect([answer.status, await answer.json()]).toMatchObject([400, { key: "text", errorCode: "PARSE_ERROR" }]);
  });

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
    ['{"context": {"targetingKey": "a\\u0000"}}', "INVALID_CONTEXT"],
    ['{"context": {"targetingKey": "a", " ": 1}}', "INVALID_CONTEXT"],
    ['{"context": {"targetingKey": "a", "x": 1e999}}', "INVALID_CONTEXT"],
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
  test("are not answered from before what an event told of", async () => {
    // A node whose messages are lost.
    const { changeFeed: _, ...mute } = app.db;
    const elsewhere = createChanges({ db: mute, clock: Date.now, publish: () => {} });
    const behind = async (query: (revision: number, updatedAt: number) => string) => {
      const before = (await app.app.documents.get(1))?.revision ?? 0;
      const entry = {
        action: "UPDATE" as const,
        objectType: "environment",
        objectId: "1",
        organisationId: 1,
        projectId: 1,
        environmentId: 1,
        log: "x",
        before: null,
        after: null,
      };
      await elsewhere.commit({ actor: "test", requestId: null }, async () => ({
        result: undefined,
        entries: [entry],
        environments: [1],
      }));
      const answer = await ask(`?${query(before + 1, Date.now())}`, { context: { targetingKey: "ana" } });
      const { metadata } = (await answer.json()) as { metadata: { version: number } };
      return metadata.version - before;
    };
    expect(await behind(() => "")).toBe(0);
    expect(await behind((revision) => `flagConfigEtag=${revision}`)).toBe(2);
    expect(await behind((_, now) => `flagConfigLastModified=${Math.floor(now / 1000) + 1}`)).toBe(1);
    const iso = (now: number) => encodeURIComponent(new Date(now + 1000).toISOString());
    expect(await behind((_, now) => `flagConfigLastModified=${iso(now)}`)).toBe(1);
    expect(await behind(() => "flagConfigEtag=x&flagConfigLastModified=never")).toBe(0);
    await app.app.documents.poll();
  });

  const all = (context: object, headers: Record<string, string> = {}) =>
    ask("", { context: { targetingKey: "ana", ...context } }, { "X-API-Key": KEY, ...headers });

  test("come with a tag over the whole answer", async () => {
    const first = await all({});
    const tag = first.headers.get("etag") ?? "";
    const body = (await first.json()) as { flags: { key: string }[]; eventStreams: unknown[] };
    expect(body.flags.map((flag) => flag.key)).toEqual([
      "switch",
      "text",
      "object",
      "off",
      "colour",
      "odd/näme?",
      "keyless",
    ]);
    expect(body.eventStreams).toHaveLength(1);
    for (const sent of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
      const again = await all({}, { "If-None-Match": sent });
      expect([sent, again.status, await again.text()]).toEqual([sent, 304, ""]);
    }
    expect((await all({ plan: "pro" }, { "If-None-Match": tag })).status).toBe(200);
  });

  test("a change makes another tag, and is told to who listens", async () => {
    const abort = new AbortController();
    const { eventStreams } = (await (await all({})).json()) as {
      eventStreams: { type: string; endpoint: { requestUri: string } }[];
    };
    const { requestUri = "" } = eventStreams[0]?.endpoint ?? {};
    const stream = await app.request(requestUri, { signal: abort.signal });
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
    const { revision } = (await app.app.documents.get(1)) ?? {};
    while (!text.includes(`"etag":"${revision}"`)) text += (await reader?.read())?.value ?? "";
    expect(text).toContain("event: message\n");
    expect(text).toContain('"type":"refetchEvaluation"');
    abort.abort();
  });
});
