import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { BASE, body, createIdentityStage, type IdentityStage, KEY } from "../../testing/identity-stage.ts";
import type { AdminClient, TestApp } from "../../testing/index.ts";

let app: TestApp;
let admin: AdminClient;
let stranger: AdminClient;
let viewer: AdminClient;
let create: IdentityStage["create"];
let flagOf: IdentityStage["flagOf"];

beforeAll(async () => {
  ({ app, admin, stranger, viewer, create, flagOf } = await createIdentityStage());
});
afterAll(() => app.close());

describe("who may", () => {
  test("nobody without credentials, nor with wrong ones", async () => {
    const none = await app.request(BASE);
    expect(none.status).toBe(401);
    expect(await none.json()).toEqual({ detail: "Authentication credentials were not provided." });
    const wrong = await app.request(BASE, { headers: { Authorization: `Api-Key ${admin.key}x` } });
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
    const left = await app.db.kysely
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
    const read = await app.request("/api/v1/identities/?identifier=traited", {
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
