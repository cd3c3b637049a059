/** Finding identities and the trait catalogue through the admin API. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { catchUpIndex } from "../../testing/caught-up.ts";
import { createAdminClient, createTestApp, type TestApp } from "../../testing/index.ts";
import type { AdminClient } from "../../testing/test-admin.ts";
import { insertEnvironment } from "../../testing/test-environment.ts";

let app: TestApp;
let admin: AdminClient;
let key: string;
let environmentId: number;
let organisationId: number;
let projectId: number;

beforeAll(async () => {
  app = await createTestApp();
  ({ environmentId, projectId, organisationId } = await insertEnvironment(app.db));
  key = await keyOf(environmentId);
  admin = await createAdminClient(app.db, app.request, organisationId);
  for (let n = 0; n < 30; n++) {
    const traits = { plan: n % 3 === 0 ? "pro" : "free", n, ratio: 2.5, paid: n % 2 === 0, "odd/key?#%": "é" };
    await put(`user/${n}?#% ü`, traits);
  }
});
afterAll(() => app.close());

const keyOf = async (id: number): Promise<string> => {
  const row = await app.db.kysely
    .selectFrom("environments")
    .select("api_key")
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  return row.api_key;
};
const put = (identifier: string, traits: object) =>
  admin.call("PUT", `/api/v1/environments/${key}/identities/by-identifier/${encodeURIComponent(identifier)}/`, {
    traits,
  });
const caughtUp = () => catchUpIndex(app.db);
const holder = (...permissions: string[]) =>
  createAdminClient(app.db, app.request, organisationId, [
    { scope: "project", id: projectId, permissions: ["VIEW_PROJECT"] },
    { scope: "environment", id: environmentId, permissions: ["VIEW_ENVIRONMENT", ...permissions] },
  ]);

type Params = Record<string, string>;
const find = async (params: Params, client = admin) => {
  const { status, body } = await client.call(
    "GET",
    `/api/v1/environments/${key}/identity-search/?${new URLSearchParams(params)}`,
  );
  return {
    status,
    body: body as { results: Record<string, unknown>[]; next: string | null; total: unknown; searched_all: boolean },
  };
};
const catalogue = `/api/v1/environments/`;
const traitPath = (trait: string) => `${catalogue}${key}/trait-catalogue/${encodeURIComponent(trait)}/`;

describe("searching", () => {
  test("shows who matches, with what a table needs, before the index has followed and after", async () => {
    for (const isFollowed of [false, true]) {
      if (isFollowed) await caughtUp();
      const { status, body } = await find({ q: "plan:pro n>20", sort: "created" });
      expect(status).toBe(200);
      expect(body).toMatchObject({ next: null, searched_all: true, total: { count: 3, exact: true } });
      expect(body.results.map(({ identifier }) => identifier)).toEqual([
        "user/21?#% ü",
        "user/24?#% ü",
        "user/27?#% ü",
      ]);
      expect(body.results[0]).toMatchObject({
        created_date: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        last_seen: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        override_count: 0,
        traits: { plan: "pro", n: 21, ratio: 2.5, paid: false, "odd/key?#%": "é" },
      });
    }
  });

  test("goes through everybody in pages, newest first unless asked", async () => {
    const seen: unknown[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body } = await find({ q: "user/", limit: "7", ...(cursor ? { cursor } : {}) });
      seen.push(...body.results.map(({ identifier }) => identifier));
      expect(body.total).toEqual({ count: 30, exact: true });
      cursor = body.next;
    }
    expect(seen).toHaveLength(30);
    expect(seen[0]).toBe("user/29?#% ü");
    expect(new Set(seen).size).toBe(30);
  });

  test("says which segments they are in", async () => {
    const rules = [{ type: "ALL", rules: [], conditions: [{ property: "plan", operator: "EQUAL", value: "pro" }] }];
    const made = await admin.call("POST", `/api/v1/projects/${projectId}/segments/`, {
      name: "payers",
      project: projectId,
      rules,
    });
    expect(made.status).toBe(201);
    const { body } = await find({ q: "segment:payers n<4", segments: "true", sort: "created" });
    expect(body.results.map(({ identifier, segments }) => [identifier, segments])).toEqual([
      ["user/0?#% ü", [{ id: (made.body as { id: number }).id, name: "payers" }]],
      ["user/3?#% ü", [{ id: (made.body as { id: number }).id, name: "payers" }]],
    ]);
    const others = await find({ q: "-segment:payers n<2", segments: "true" });
    expect(others.body.results.map(({ segments }) => segments)).toEqual([[]]);
  });

  test("tells where a query is wrong", async () => {
    expect(await find({ q: "plan:pro (n>5" })).toMatchObject({
      status: 400,
      body: { q: ["This ( is never closed."], position: 9, length: 1 },
    });
    expect(await find({ q: "n>5 segment:nobodys" })).toMatchObject({ status: 400, body: { position: 4, length: 15 } });
    expect(await find({ q: "a", cursor: "nonsense" })).toMatchObject({
      status: 400,
      body: { cursor: [expect.any(String)] },
    });
    expect((await find({ q: "a", sort: "shoe size" })).status).toBe(400);
    expect((await find({ q: "a", limit: "201" })).status).toBe(400);
  });

  test("hides traits from those who may not see them, and what would tell", async () => {
    const overrider = await holder("MANAGE_IDENTITY_OVERRIDES");
    const seen = await find({ q: "user/3?" }, overrider);
    expect(seen).toMatchObject({ status: 200, body: { results: [{ identifier: "user/3?#% ü", traits: {} }] } });
    for (const q of ["plan:pro", "user -has(plan)", "segment:payers", "n>5 or user"]) {
      expect([q, (await find({ q }, overrider)).status]).toEqual([q, 403]);
    }
    expect((await find({ segments: "true" }, overrider)).status).toBe(403);
    expect((await find({ q: "plan:pro" }, await holder("VIEW_TRAITS"))).status).toBe(200);
    expect((await find({}, await holder())).status).toBe(403);
    const stranger = await createAdminClient(app.db, app.request, (await insertEnvironment(app.db)).organisationId);
    expect((await find({}, stranger)).status).toBe(404);
    expect((await app.request(`/api/v1/environments/${key}/identity-search/`)).status).toBe(401);
  });
});

describe("the catalogue", () => {
  const list = async (params: Params = {}) => {
    const { status, body } = await admin.call(
      "GET",
      `${catalogue}${key}/trait-catalogue/?${new URLSearchParams(params)}`,
    );
    return { status, body: body as { results: Record<string, unknown>[]; next: string | null } };
  };

  test("lists keys with types, examples, counts and the segments that name them", async () => {
    await caughtUp();
    const { body } = await list();
    expect(body.results.map(({ key: name }) => name)).toEqual(["n", "odd/key?#%", "paid", "plan", "ratio"]);
    expect(body.results[3]).toMatchObject({
      types: [{ type: "string", count: 30 }],
      examples: ["free", "pro"],
      count: 30,
      description: null,
      is_personal: false,
      segments: [{ name: "payers" }],
      first_seen: expect.stringMatching(/Z$/),
    });
    expect(body.results[2]).toMatchObject({
      types: [{ type: "boolean", count: 30 }],
      examples: [false, true],
      segments: [],
    });
    expect((await list({ q: "PL" })).body.results.map(({ key: name }) => name)).toEqual(["plan"]);
  });

  test("goes in pages", async () => {
    const first = await list({ limit: "2" });
    expect(first.body.results).toHaveLength(2);
    const second = await list({ limit: "3", cursor: first.body.next ?? "" });
    expect(second.body).toMatchObject({ results: [{ key: "paid" }, { key: "plan" }, { key: "ratio" }], next: null });
    expect((await list({ cursor: "!" })).status).toBe(400);
  });

  test("keeps what people note, in the audit log too, and shows no examples of personal data", async () => {
    const path = traitPath("odd/key?#%");
    const noted = await admin.call("PATCH", path, { description: "Kept odd", is_personal: true });
    expect(noted).toMatchObject({
      status: 200,
      body: { key: "odd/key?#%", description: "Kept odd", is_personal: true, examples: [] },
    });
    const cleared = await admin.call("PATCH", path, { description: null });
    expect(cleared.body).toMatchObject({ description: null, is_personal: true });
    const rows = await app.db.kysely
      .selectFrom("audit")
      .selectAll()
      .where("log", "like", "%noted in the catalogue%")
      .orderBy("id")
      .execute();
    expect(rows.map(({ before, after }) => [JSON.parse(before ?? ""), JSON.parse(after ?? "")])).toEqual([
      [
        { description: null, is_personal: false },
        { description: "Kept odd", is_personal: true },
      ],
      [
        { description: "Kept odd", is_personal: true },
        { description: null, is_personal: true },
      ],
    ]);
    await admin.call("PATCH", path, { is_personal: true });
    expect(
      await app.db.kysely.selectFrom("audit").select("id").where("log", "like", "%noted in the catalogue%").execute(),
    ).toHaveLength(2);
    expect((await (await holder("VIEW_TRAITS")).call("PATCH", path, { description: "x" })).status).toBe(403);
    expect((await (await holder("MANAGE_TRAITS")).call("PATCH", path, { description: "x" })).status).toBe(200);
    expect((await admin.call("PATCH", path, { description: 5 })).status).toBe(200);
    expect((await admin.call("PATCH", path, { is_personal: "perhaps" })).status).toBe(400);
    expect((await admin.call("GET", traitPath("nothing"))).status).toBe(404);
  });

  test("offers values, the commonest first", async () => {
    const values = async (trait: string, q = "") => (await admin.call("GET", `${traitPath(trait)}values/?q=${q}`)).body;
    expect(await values("plan")).toEqual({
      results: [
        { value: "free", count: 20 },
        { value: "pro", count: 10 },
      ],
    });
    expect(await values("plan", "p")).toEqual({ results: [{ value: "pro", count: 10 }] });
    expect(await values("n", "2")).toMatchObject({ results: { length: 11 } });
    expect(await values("paid", "t")).toEqual({ results: [{ value: true, count: 15 }] });
    expect(await values("odd/key?#%")).toEqual({ results: [{ value: "é", count: 30 }] });
  });

  test("forgets keys that nobody has, unless somebody noted something", async () => {
    await put("mover", { short: 1, kept: 1 });
    await caughtUp();
    await admin.call("PATCH", traitPath("kept"), { description: "once used" });
    await put("mover", { short: null, kept: null });
    await caughtUp();
    const { body } = await list();
    expect(body.results.map(({ key: name, count }) => [name, count])).toContainEqual(["kept", 0]);
    expect(body.results.map(({ key: name }) => name)).not.toContain("short");
  });
});
