import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { keyOf } from "../../testing/feature-stage.ts";
import type { Body, PageBody, Stage } from "../../testing/index.ts";
import { condition, createSegmentStage, nested, rules, type SegmentStage } from "../../testing/segment-stage.ts";

let stage: Stage;
let project: Body;
let environment: Body;
let feature: Body;
let LIST: string;
let segment: SegmentStage["segment"];
let override: SegmentStage["override"];
let servedTo: SegmentStage["servedTo"];

beforeAll(async () => {
  ({ stage, project, environment, feature, LIST, segment, override, servedTo } = await createSegmentStage());
});
afterAll(() => stage.close());

describe("creating", () => {
  test("a segment is answered as it was sent, and found by number and uuid", async () => {
    const made = await segment({
      name: "tree",
      description: "d",
      rules: [
        {
          type: "ALL",
          rules: [
            { type: "ANY", rules: [], conditions: [condition("pro", { description: "paying" }), condition("team")] },
            { type: "NONE", rules: [], conditions: [{ operator: "IS_SET", property: "banned", value: null }] },
          ],
          conditions: [],
        },
      ],
    });
    expect(made).toMatchObject({
      name: "tree",
      description: "d",
      project: project.id,
      feature: null,
      version_of: made.id,
      metadata: [],
      membership_counts: [],
      rules: [
        {
          type: "ALL",
          conditions: [],
          rules: [
            {
              type: "ANY",
              rules: [],
              conditions: [
                { operator: "EQUAL", property: "plan", value: "pro", description: "paying" },
                { operator: "EQUAL", property: "plan", value: "team", description: null },
              ],
            },
            {
              type: "NONE",
              rules: [],
              conditions: [{ operator: "IS_SET", property: "banned", value: null, description: null }],
            },
          ],
        },
      ],
    });
    expect(await stage.send(200, "GET", `${LIST}${made.id}/`)).toEqual(made);
    expect(await stage.send(200, "GET", `/api/v1/segments/get-by-uuid/${made.uuid}/`)).toEqual(made);
    const [row] = await stage.audit();
    expect(row).toMatchObject({
      action: "CREATE",
      object_type: "segment",
      object_id: String(made.id),
      project_id: project.id,
    });
  });

  test("notes beside conditions stay out of documents", async () => {
    const made = await segment({
      rules: [{ type: "ALL", conditions: [condition("x", { description: "our secret" })] }],
    });
    const document = await stage.send<{ project: { segments: Body[] } }>(
      200,
      "GET",
      `/api/v1/environments/${keyOf(environment)}/document/`,
    );
    const shown = document.project.segments.find((one) => one.id === made.id);
    expect(shown?.["rules"]).toEqual([
      { type: "ALL", rules: [], conditions: [{ operator: "EQUAL", property_: "plan", value: "x" }] },
    ]);
  });

  test.each([
    [5, "5"],
    [1.5, "1.5"],
    [true, "True"],
    ["", ""],
    [null, null],
    ["1.0.0:semver", "1.0.0:semver"],
  ])("the value %p is kept as %p", async (sent, kept) => {
    const made = await segment({ rules: rules(sent) });
    expect(made["rules"]).toMatchObject([{ conditions: [{ value: kept }] }]);
  });

  test("an override of a new segment reaches whoever is in it, at once", async () => {
    const made = await segment({ rules: rules("gold") });
    await override(made.id, "golden");
    expect(await servedTo({ plan: "gold" })).toBe("golden");
    expect(await servedTo({ plan: "tin" })).toBe("all");
    await stage.send(200, "PATCH", `${LIST}${made.id}/`, { rules: rules("tin") });
    expect(await servedTo({ plan: "gold" })).toBe("all");
    expect(await servedTo({ plan: "tin" })).toBe("golden");
    await stage.send(204, "DELETE", `${LIST}${made.id}/`);
    expect(await servedTo({ plan: "tin" })).toBe("all");
  });

  test("rules nest five deep, and that is evaluated too", async () => {
    const made = await segment({ rules: [nested(5)] });
    await override(made.id, "deep down");
    expect(await servedTo({ plan: "deep" })).toBe("deep down");
    expect(await stage.send<unknown>(400, "POST", LIST, { name: "x", rules: [nested(6)] })).toEqual({
      segment: ["Rules must not be nested more than 5 levels deep."],
    });
    expect(await stage.send<unknown>(400, "POST", LIST, { name: "x", rules: [nested(60)] })).toEqual({
      segment: ["Rules must not be nested more than 5 levels deep."],
    });
    await stage.send(204, "DELETE", `${LIST}${made.id}/`);
  });

  test("a hundred conditions are the most, those marked deleted not counted", async () => {
    const many = (n: number, more: object = {}) => Array.from({ length: n }, (_, i) => condition(String(i), more));
    const made = await segment({
      rules: [{ type: "ANY", conditions: [...many(100), ...many(20, { delete: true, id: 1 })] }],
    });
    expect((made["rules"] as { conditions: unknown[] }[])[0]?.conditions).toHaveLength(100);
    const halves = [{ type: "ANY", conditions: many(50), rules: [{ type: "ANY", conditions: many(51) }] }];
    expect(await stage.send<unknown>(400, "POST", LIST, { name: "x", rules: halves })).toEqual({
      segment: ["The segment has 101 conditions, which exceeds the maximum condition count of 100."],
    });
    const rulesMany = Array.from({ length: 501 }, () => ({ type: "ALL" }));
    expect(await stage.send<unknown>(400, "POST", LIST, { name: "x", rules: rulesMany })).toEqual({
      segment: ["The segment has 501 rules, which exceeds the maximum rule count of 500."],
    });
  });

  test("rules and conditions marked deleted are gone before anything is looked at", async () => {
    const made = await segment({
      rules: [
        { type: "BROKEN", delete: true },
        {
          type: "ALL",
          conditions: [{ delete: true }, condition("kept")],
          rules: [
            { delete: true, rules: [nested(9)] },
            { type: "ANY", conditions: [] },
          ],
        },
      ],
    });
    expect(made["rules"]).toMatchObject([
      { type: "ALL", conditions: [{ value: "kept" }], rules: [{ type: "ANY", conditions: [], rules: [] }] },
    ]);
  });

  test.each([
    [{}, { name: ["This field is required."], rules: ["This field is required."] }],
    [{ name: "x", rules: [] }, { rules: { non_field_errors: ["This list may not be empty."] } }],
    [{ name: "x", rules: "y" }, { rules: { non_field_errors: ['Expected a list of items but got type "str".'] } }],
    [
      { name: "x", rules: [5] },
      { rules: [{ non_field_errors: ["Invalid data. Expected a dictionary, but got int."] }] },
    ],
    [{ name: "x", rules: [{ type: "SOME" }] }, { rules: [{ type: ['"SOME" is not a valid choice.'] }] }],
    [
      { name: "x", rules: [{ type: "ALL", conditions: [{ operator: "LIKE" }] }] },
      { rules: [{ conditions: [{ operator: ['"LIKE" is not a valid choice.'] }] }] },
    ],
    [
      { name: "x", rules: [{ type: "ALL", conditions: [condition("y".repeat(1001))] }] },
      { rules: [{ conditions: [{ value: ["Ensure this field has no more than 1000 characters."] }] }] },
    ],
    [
      { name: "x", rules: [{ type: "ALL", conditions: [{ ...condition("y"), property: "p".repeat(1001) }] }] },
      { rules: [{ conditions: [{ property: ["Ensure this field has no more than 1000 characters."] }] }] },
    ],
    [
      { name: "x".repeat(2001), rules: [{ type: "ALL" }] },
      { name: ["Ensure this field has no more than 2000 characters."] },
    ],
    [
      { name: "x", rules: [{ type: "ALL" }], feature: 999_999 },
      { feature: ['Invalid pk "999999" - object does not exist.'] },
    ],
  ])("refuses what is no segment (%#)", async (body, errors) => {
    expect(await stage.send<unknown>(400, "POST", LIST, body)).toEqual(errors);
  });

  test("a project holds as many as it allows", async () => {
    const { total_segments: total } = await stage.send(200, "GET", `/api/v1/projects/${project.id}/`);
    await stage.send(200, "PATCH", `/api/v1/projects/${project.id}/`, { max_segments_allowed: total });
    const refusal = { project: ["The project has reached the maximum allowed segments limit."] };
    expect(await stage.send<unknown>(400, "POST", LIST, { name: "x", rules: rules("x") })).toEqual(refusal);
    const first = (await stage.send<PageBody>(200, "GET", LIST)).results[0];
    expect(await stage.send<unknown>(400, "POST", `${LIST}${first?.id}/clone/`, { name: "x" })).toEqual(refusal);
    await stage.send(200, "PATCH", `/api/v1/projects/${project.id}/`, { max_segments_allowed: 500 });
  });
});

describe("the list", () => {
  test("is searched by name, and shows features' own segments unless told not to", async () => {
    const own = await segment({ name: "Needle_1", feature: feature.id });
    const common = await segment({ name: "needle 2" });
    const ids = async (query: string) =>
      (await stage.send<PageBody>(200, "GET", `${LIST}${query}`)).results.map((row) => row.id);
    expect(await ids("?q=NEEDLE")).toEqual([own.id, common.id]);
    expect(await ids("?q=e_1")).toEqual([own.id]);
    expect(await ids("?q=needle&include_feature_specific=false&page_size=999")).toEqual([common.id]);
    expect(await ids("?q=needle&page_size=1&page=2")).toEqual([common.id]);
  });

  test("with an identity it is the segments it is in, for those who may see traits", async () => {
    const made = await segment({ name: "members", rules: rules("member") });
    await stage.identify(keyOf(environment), "mia", { plan: "member" });
    const { kysely } = stage.app.db;
    const { id } = await kysely
      .selectFrom("identities")
      .select("id")
      .where("identifier", "=", "mia")
      .executeTakeFirstOrThrow();
    const of = async (query: string) =>
      (await stage.send<PageBody>(200, "GET", `${LIST}?identity=${query}`)).results.map((row) => row.id);
    expect(await of(String(id))).toEqual([made.id]);
    expect(await of("999999")).toEqual([]);
    expect(await of("a-uuid")).toEqual([]);
    const viewer = await stage.client([
      { scope: "project", id: project.id, permissions: ["VIEW_PROJECT"] },
      { scope: "environment", id: environment.id, permissions: ["VIEW_ENVIRONMENT"] },
    ]);
    expect((await viewer.call("GET", `${LIST}?identity=${id}`)).status).toBe(403);
    const other = await stage.send(201, "POST", "/api/v1/projects/", { name: "q", organisation: stage.organisationId });
    const foreign = await stage.send<PageBody>(200, "GET", `/api/v1/projects/${other.id}/segments/?identity=${id}`);
    expect(foreign.results).toEqual([]);
  });
});

test("segments are seen with the project, changed with MANAGE_SEGMENTS, and are their project's own", async () => {
  const made = await segment();
  const one = `${LIST}${made.id}/`;
  const viewer = await stage.client([
    { scope: "project", id: project.id, permissions: ["VIEW_PROJECT", "CREATE_FEATURE"] },
  ]);
  const keeper = await stage.client([{ scope: "project", id: project.id, permissions: ["MANAGE_SEGMENTS"] }]);
  for (const path of [LIST, one, `${one}associated-features/`, `/api/v1/segments/get-by-uuid/${made.uuid}/`]) {
    await stage.refuses("GET", path, undefined, []);
    expect((await viewer.call("GET", path)).status).toBe(200);
  }
  const body = { name: "x", rules: rules("x") };
  await stage.refuses("POST", LIST, body, [viewer]);
  await stage.refuses("PUT", one, body, [viewer]);
  await stage.refuses("PATCH", one, body, [viewer]);
  await stage.refuses("DELETE", one, undefined, [viewer]);
  await stage.refuses("POST", `${one}clone/`, { name: "x" }, [viewer]);
  expect((await keeper.call("POST", LIST, body)).status).toBe(201);
  const other = await stage.send(201, "POST", "/api/v1/projects/", { name: "r", organisation: stage.organisationId });
  const foreign = `/api/v1/projects/${other.id}/segments/${made.id}/`;
  await stage.send(404, "GET", foreign);
  await stage.send(404, "PUT", foreign, body);
  await stage.send(404, "PATCH", foreign, body);
  await stage.send(404, "DELETE", foreign);
  await stage.send(404, "POST", `${foreign}clone/`, { name: "x" });
  await stage.send(404, "GET", `${foreign}associated-features/`);
});
