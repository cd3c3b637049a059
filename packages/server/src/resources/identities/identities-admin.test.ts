import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  type AdminClient,
  createAdminClient,
  createOrganisation,
  createTestApp,
  type TestApp,
} from "../../testing/index.ts";

let test_: TestApp;
let admin: AdminClient;
let stranger: AdminClient;
let viewer: AdminClient;

const KEY = "adminIdentitiesKey";
const BASE = `/api/v1/environments/${KEY}/identities/`;

const state = (id: number, name: string, more: object = {}) => ({
  feature: { id, name, type: "STANDARD" },
  enabled: false,
  django_id: id + 100,
  featurestate_uuid: `00000000-0000-4000-8000-00000000000${id}`,
  feature_state_value: "default",
  feature_segment: null,
  multivariate_feature_state_values: [],
  ...more,
});

const option = (id: number, key: string) => ({
  id,
  mv_fs_value_uuid: `00000000-0000-4000-9000-00000000000${id}`,
  percentage_allocation: 50,
  multivariate_feature_option: { id, key, value: key },
});

const segment = {
  id: 1,
  name: "pros",
  rules: [{ type: "ALL", rules: [], conditions: [{ operator: "EQUAL", property_: "plan", value: "pro" }] }],
  feature_states: [
    state(2, "two", {
      django_id: 202,
      enabled: true,
      feature_segment: { priority: 0 },
      featurestate_uuid: "00000000-0000-4000-8000-000000000099",
    }),
  ],
};

const document = (id: number, key: string, organisation: number) => ({
  id,
  api_key: key,
  name: `Environment ${id}`,
  updated_at: "2026-01-01T00:00:00.000000+00:00",
  project: {
    id,
    name: `Project ${id}`,
    hide_disabled_flags: false,
    enable_realtime_updates: false,
    server_key_only_feature_ids: [],
    organisation: {
      id: organisation,
      name: "Acme",
      feature_analytics: false,
      stop_serving_flags: false,
      persist_trait_data: true,
    },
    segments: id === 1 ? [segment] : [],
  },
  feature_states:
    id === 1
      ? [
          state(1, "one"),
          state(2, "two"),
          state(3, "three", {
            feature: { id: 3, name: "three", type: "MULTIVARIATE" },
            multivariate_feature_state_values: [option(1, "a"), option(2, "b")],
          }),
        ]
      : [state(4, "four")],
  identity_overrides: [],
});

const body = <T>(answer: { body: unknown }): T => answer.body as T;

async function create(identifier: string): Promise<number> {
  const made = await admin.call("POST", BASE, { identifier });
  expect(made.status).toBe(201);
  return body<{ id: number }>(made).id;
}

const flagOf = async (identifier: string, name: string) => {
  const answer = await test_.request(`/api/v1/identities/?identifier=${identifier}&feature=${name}`, {
    headers: { "X-Environment-Key": KEY },
  });
  return (await answer.json()) as { enabled: boolean; feature_state_value: unknown; variant: unknown };
};

beforeAll(async () => {
  test_ = await createTestApp();
  await createOrganisation(test_.db, "Acme");
  await test_.importDocument(document(1, KEY, 1), "ser.adminOne");
  await test_.importDocument(document(2, "otherKey", 1), "ser.adminTwo");
  const other = await createOrganisation(test_.db, "Other");
  admin = await createAdminClient(test_.db, test_.request, 1);
  stranger = await createAdminClient(test_.db, test_.request, other);
  viewer = await createAdminClient(test_.db, test_.request, 1, [
    { scope: "environment", id: 1, permissions: ["VIEW_ENVIRONMENT", "VIEW_IDENTITIES"] },
  ]);
});

afterAll(() => test_.close());

describe("who may", () => {
  test("nobody without credentials, nor with wrong ones", async () => {
    const none = await test_.request(BASE);
    expect(none.status).toBe(401);
    expect(await none.json()).toEqual({ detail: "Authentication credentials were not provided." });
    const wrong = await test_.request(BASE, { headers: { Authorization: `Api-Key ${admin.key}x` } });
    expect(wrong.status).toBe(401);
  });

  test("another organisation's key finds nothing", async () => {
    const id = await create("strangers");
    for (const path of [
      BASE,
      `${BASE}${id}/`,
      `${BASE}${id}/traits/`,
      `${BASE}${id}/featurestates/`,
      `${BASE}${id}/featurestates/all/`,
    ]) {
      expect((await stranger.call("GET", path)).status).toBe(404);
    }
  });

  test("an identity of one environment is not found in another", async () => {
    const id = await create("elsewhere");
    expect((await admin.call("GET", `/api/v1/environments/otherKey/identities/${id}/`)).status).toBe(404);
    expect((await admin.call("DELETE", `/api/v1/environments/otherKey/identities/${id}/`)).status).toBe(404);
  });

  test("a viewer sees and changes nothing", async () => {
    const id = await create("watched");
    expect((await viewer.call("GET", `${BASE}${id}/`)).status).toBe(200);
    expect((await viewer.call("GET", `${BASE}${id}/traits/`)).status).toBe(200);
    expect((await viewer.call("POST", BASE, { identifier: "x" })).status).toBe(403);
    expect((await viewer.call("DELETE", `${BASE}${id}/`)).status).toBe(403);
    const trait = { trait_key: "a", value_type: "unicode", string_value: "b" };
    expect((await viewer.call("POST", `${BASE}${id}/traits/`, trait)).status).toBe(403);
    expect((await viewer.call("POST", `${BASE}${id}/featurestates/`, { feature: 1 })).status).toBe(403);
    expect((await viewer.call("POST", `/api/v1/environments/${KEY}/delete-traits/`, { key: "a" })).status).toBe(403);
  });
});

describe("identities", () => {
  test("are found by a part of the identifier in any case, and exactly in quotes", async () => {
    for (const name of ["Find-Me@x", "find-me-too@x", 'quo"te', "100%_sure"]) await create(name);
    const found = async (q: string) =>
      body<{ results: { identifier: string }[] }>(
        await admin.call("GET", `${BASE}?q=${encodeURIComponent(q)}`),
      ).results.map((row) => row.identifier);
    expect(await found("FIND-me")).toEqual(["Find-Me@x", "find-me-too@x"]);
    expect(await found('"Find-Me@x"')).toEqual(["Find-Me@x"]);
    expect(await found('"find-me@x"')).toEqual([]);
    expect(await found('"quo"te"')).toEqual(['quo"te']);
    expect(await found("0%_")).toEqual(["100%_sure"]);
    expect(await found("%")).toEqual(["100%_sure"]);
  });

  test("come in pages with links", async () => {
    const first = body<{ count: number; next: string; previous: null; results: unknown[] }>(
      await admin.call("GET", `${BASE}?page_size=2`),
    );
    expect(first.results).toHaveLength(2);
    expect(first.previous).toBeNull();
    expect(first.next).toContain("page=2");
    const second = body<{ previous: string }>(
      await admin.call("GET", new URL(first.next).pathname + new URL(first.next).search),
    );
    expect(second.previous).toContain("page=1");
  });

  test("are created once; a duplicate and bad bodies are refused", async () => {
    await create("twice");
    const again = await admin.call("POST", BASE, { identifier: "twice" });
    expect(again.status).toBe(400);
    expect(Object.keys(again.body as object)).toEqual(["identifier"]);
    expect(await admin.call("POST", BASE, {})).toMatchObject({
      status: 400,
      body: { identifier: ["This field is required."] },
    });
    expect((await admin.call("POST", BASE, { identifier: "x".repeat(2001) })).status).toBe(400);
  });

  test("are renamed with their overrides, and deleted with them", async () => {
    const id = await create("old-name");
    await admin.call("POST", `${BASE}${id}/featurestates/`, { feature: 1, enabled: true, feature_state_value: "mine" });
    expect((await admin.call("PUT", `${BASE}${id}/`, { identifier: "new-name" })).body).toMatchObject({
      id,
      identifier: "new-name",
    });
    expect(await flagOf("new-name", "one")).toMatchObject({ enabled: true, feature_state_value: "mine" });
    expect(await flagOf("old-name", "one")).toMatchObject({ enabled: false });
    expect((await admin.call("DELETE", `${BASE}${id}/`)).status).toBe(204);
    expect((await admin.call("GET", `${BASE}${id}/`)).status).toBe(404);
    expect(await flagOf("new-name", "one")).toMatchObject({ enabled: false });
    const left = await test_.db.kysely
      .selectFrom("identity_overrides")
      .selectAll()
      .where("identifier", "=", "new-name")
      .execute();
    expect(left).toEqual([]);
  });
});

describe("traits", () => {
  test("keep their types through set, change, rename and removal", async () => {
    const id = await create("traited");
    const path = `${BASE}${id}/traits/`;
    const set = async (trait: object) => body<{ id: number }>(await admin.call("POST", path, trait));
    const plan = await set({ trait_key: "plan", value_type: "unicode", string_value: "pro" });
    await set({ trait_key: "age", value_type: "int", integer_value: 34 });
    await set({ trait_key: "ratio", value_type: "float", float_value: 2 });
    await set({ trait_key: "beta", value_type: "bool", boolean_value: true });
    const read = await test_.request("/api/v1/identities/?identifier=traited", {
      headers: { "X-Environment-Key": KEY },
    });
    const text = await read.text();
    expect(text).toContain('"trait_value":2.0,');
    expect(text).toContain('"trait_value":34,');
    expect(text).toContain('"trait_value":true,');
    expect(await flagOf("traited", "two")).toMatchObject({ enabled: true });
    const changed = await admin.call("PATCH", `${path}${plan.id}/`, { string_value: "free" });
    expect(changed.body).toMatchObject({ id: plan.id, trait_key: "plan", value_type: "unicode", string_value: "free" });
    expect(await flagOf("traited", "two")).toMatchObject({ enabled: false });
    expect((await admin.call("DELETE", `${path}${plan.id}/`)).status).toBe(204);
    expect((await admin.call("GET", `${path}${plan.id}/`)).status).toBe(404);
    const list = body<{ count: number; results: { trait_key: string; value_type: string }[] }>(
      await admin.call("GET", path),
    );
    expect(list.results.map((trait) => [trait.trait_key, trait.value_type])).toEqual([
      ["age", "int"],
      ["beta", "bool"],
      ["ratio", "float"],
    ]);
  });

  test("need the value that their type names", async () => {
    const id = await create("untyped");
    const missing = await admin.call("POST", `${BASE}${id}/traits/`, {
      trait_key: "n",
      value_type: "int",
      string_value: "5",
    });
    expect(missing).toMatchObject({ status: 400, body: { integer_value: ["This field is required."] } });
  });

  test("one key is taken from everybody, and the keys in use are listed", async () => {
    const [a, b] = [await create("many-a"), await create("many-b")];
    for (const id of [a, b]) {
      for (const key of ["gone", "stays"]) {
        await admin.call("POST", `${BASE}${id}/traits/`, { trait_key: key, value_type: "unicode", string_value: "v" });
      }
    }
    expect((await admin.call("POST", `/api/v1/environments/${KEY}/delete-traits/`, { key: "gone" })).status).toBe(200);
    const keys = body<{ keys: string[] }>(await admin.call("GET", `/api/v1/environments/${KEY}/trait-keys/`)).keys;
    expect(keys).toContain("stays");
    expect(keys).not.toContain("gone");
  });
});

describe("overrides", () => {
  test("reach the running SDK call, say so in the audit log, and move the revision", async () => {
    const id = await create("ana");
    const before = (await test_.app.documents.get(1))?.revision ?? 0;
    const made = await admin.call("POST", `${BASE}${id}/featurestates/`, {
      feature: 1,
      enabled: true,
      feature_state_value: 42,
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      feature: 1,
      enabled: true,
      feature_state_value: 42,
      identity: id,
      environment: 1,
    });
    expect(await flagOf("ana", "one")).toMatchObject({ enabled: true, feature_state_value: 42 });
    expect((await test_.app.documents.get(1))?.revision).toBe(before + 1);
    const log = body<{ results: { log: string; actor: string }[] }>(
      await admin.call("GET", "/api/v1/projects/1/audit/?environments=1&identity=ana"),
    ).results;
    expect(log.map((row) => row.log)).toEqual(["Override of one set for identity ana", "Identity created: ana"]);
    expect(log[0]?.actor).toBe(`key:${admin.keyId}`);
    const override = body<{ id: number }>(made).id;
    const changed = await admin.call("PUT", `${BASE}${id}/featurestates/${override}/`, { enabled: false });
    expect(changed.body).toMatchObject({ enabled: false, feature_state_value: 42 });
    expect((await admin.call("DELETE", `${BASE}${id}/featurestates/${override}/`)).status).toBe(204);
    expect(await flagOf("ana", "one")).toMatchObject({ enabled: false, feature_state_value: "default" });
  });

  test("pin a variant", async () => {
    const id = await create("pinned");
    const variants = [{ multivariate_feature_option: 2, percentage_allocation: 100 }];
    const made = await admin.call("POST", `${BASE}${id}/featurestates/`, {
      feature: 3,
      enabled: true,
      multivariate_feature_state_values: variants,
    });
    expect(made.status).toBe(201);
    expect(await flagOf("pinned", "three")).toMatchObject({ feature_state_value: "b", variant: "b" });
  });

  test("of another project's feature, another feature's option, too much or twice are refused", async () => {
    const id = await create("refused");
    const path = `${BASE}${id}/featurestates/`;
    expect((await admin.call("POST", path, { feature: 4, enabled: true })).status).toBe(400);
    const option_ = (n: number, percentage_allocation: number) => ({
      multivariate_feature_option: n,
      percentage_allocation,
    });
    expect(
      (await admin.call("POST", path, { feature: 1, multivariate_feature_state_values: [option_(1, 10)] })).status,
    ).toBe(400);
    expect(
      (
        await admin.call("POST", path, {
          feature: 3,
          multivariate_feature_state_values: [option_(1, 60), option_(2, 60)],
        })
      ).status,
    ).toBe(400);
    expect((await admin.call("POST", path, { feature: 1, feature_state_value: "x".repeat(20_001) })).status).toBe(400);
    expect((await admin.call("POST", path, { feature: 1 })).status).toBe(201);
    expect((await admin.call("POST", path, { feature: 1 })).status).toBe(400);
  });

  test("are shown with their source among all features, and cloned whole", async () => {
    const [from, to] = [await create("source"), await create("target")];
    await admin.call("POST", `${BASE}${from}/traits/`, {
      trait_key: "plan",
      value_type: "unicode",
      string_value: "pro",
    });
    await admin.call("POST", `${BASE}${from}/featurestates/`, { feature: 1, enabled: true, feature_state_value: "s" });
    await admin.call("POST", `${BASE}${to}/featurestates/`, { feature: 2, enabled: true });
    const all = body<{ feature: { name: string }; overridden_by: unknown; segment: unknown }[]>(
      await admin.call("GET", `${BASE}${from}/featurestates/all/`),
    );
    expect(all.map((flag) => [flag.feature.name, flag.overridden_by])).toEqual([
      ["one", "IDENTITY"],
      ["two", "SEGMENT"],
      ["three", null],
    ]);
    expect(all[1]?.segment).toEqual({ id: 1, name: "pros" });
    const cloned = await admin.call("POST", `${BASE}${to}/featurestates/clone-from-given-identity/`, {
      source_identity_id: from,
    });
    expect(cloned.status).toBe(200);
    expect(await flagOf("target", "one")).toMatchObject({ enabled: true, feature_state_value: "s" });
    expect(await flagOf("target", "two")).toMatchObject({ enabled: false });
  });
});

describe("the audit log", () => {
  test("shows what changed, field by field", async () => {
    const list = body<{ results: { id: number; log: string }[] }>(
      await admin.call("GET", "/api/v1/projects/1/audit/?search=changed%20for%20identity%20ana"),
    );
    const detail = await admin.call("GET", `/api/v1/projects/1/audit/${list.results[0]?.id}/`);
    expect(detail.body).toMatchObject({ change_type: "UPDATE" });
    const { change_details } = body<{ change_details: { field: string; old: unknown; new: unknown }[] }>(detail);
    expect(change_details).toContainEqual({ field: "enabled", old: true, new: false });
  });

  test("is for those who may see it", async () => {
    expect((await viewer.call("GET", "/api/v1/projects/1/audit/")).status).toBe(404);
    expect((await stranger.call("GET", "/api/v1/projects/1/audit/")).status).toBe(404);
    expect(body<{ count: number }>(await stranger.call("GET", "/api/v1/audit/")).count).toBe(0);
  });
});
