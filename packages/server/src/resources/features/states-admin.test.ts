import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Body, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let environment: Body;
let segment: Body;
let feature: Body;
let BARE: string;
let count = 0;

const TYPED = "/api/v1/features/featurestates/";
const TIES = "/api/v1/features/feature-segments/";
const keyOf = (body: Body): string => body["api_key"] as string;
const text = (string_value: string) => ({ type: "unicode", string_value, integer_value: null, boolean_value: null });

const newSegment = (name: string, plan: string, more: object = {}): Promise<Body> =>
  stage.send(201, "POST", `/api/v1/projects/${project.id}/segments/`, {
    name,
    rules: [{ type: "ALL", conditions: [{ operator: "EQUAL", property: "plan", value: plan }] }],
    ...more,
  });

beforeAll(async () => {
  stage = await createStage();
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "e", project: project.id });
  segment = await newSegment("pros", "pro");
  BARE = `/api/v1/environments/${keyOf(environment)}/featurestates/`;
});
beforeEach(async () => {
  const body = { name: `f${++count}`, initial_value: "start" };
  feature = await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, body);
});
afterAll(() => stage.close());

const name = (): string => feature["name"] as string;
const served = async () => (await stage.flags(keyOf(environment)))[name()];
const servedTo = async (plan: string) => (await stage.identify(keyOf(environment), `${plan} user`, { plan }))[name()];

async function standard(): Promise<Body> {
  const { results } = await stage.send<PageBody>(200, "GET", `${BARE}?feature=${feature.id}`);
  expect(results).toHaveLength(1);
  return results[0] as Body;
}

const tie = (more: object = {}): Promise<Body & { priority: number }> =>
  stage.send(201, "POST", TIES, { feature: feature.id, segment: segment.id, environment: environment.id, ...more });

describe("environment defaults, bare", () => {
  test("are found by feature and by name, one each", async () => {
    const state = await standard();
    expect(state).toMatchObject({
      feature: feature.id,
      environment: environment.id,
      feature_state_value: "start",
      enabled: false,
      identity: null,
      feature_segment: null,
      version: 1,
      multivariate_feature_state_values: [],
    });
    expect((await stage.send<PageBody>(200, "GET", `${BARE}?feature_name=${name()}`)).results).toEqual([state]);
    expect((await stage.send<PageBody>(200, "GET", `${BARE}?feature_name=none`)).count).toBe(0);
    expect(await stage.send(200, "GET", `${BARE}${state.id}/`)).toEqual(state);
  });

  test.each([
    ["text", "text"],
    ["", ""],
    [5, 5],
    [true, true],
    [null, null],
    [1.5, "1.5"],
    ["x".repeat(20_000), "x".repeat(20_000)],
  ])("the value %# reaches SDKs at once", async (sent, expected) => {
    const { id } = await standard();
    await stage.send(200, "PUT", `${BARE}${id}/`, { enabled: true, feature_state_value: sent });
    expect(await served()).toEqual({ enabled: true, feature_state_value: expected });
  });

  test("put and patch leave what they do not name, and tell the audit log what was", async () => {
    const { id } = await standard();
    await stage.send(200, "PATCH", `${BARE}${id}/`, { feature_state_value: 7 });
    await stage.send(200, "PUT", `${BARE}${id}/`, { enabled: true });
    expect(await served()).toEqual({ enabled: true, feature_state_value: 7 });
    const [row] = await stage.audit();
    expect(row).toMatchObject({
      action: "UPDATE",
      object_type: "feature_state",
      object_id: String(id),
      environment_id: environment.id,
      revision: await stage.revision(environment.id),
    });
    expect(JSON.parse(row?.before ?? "{}")).toMatchObject({ enabled: false, feature_state_value: 7 });
    expect(JSON.parse(row?.after ?? "{}")).toMatchObject({ enabled: true, feature_state_value: 7 });
    await stage.send(200, "PUT", `${BARE}${id}/`, { enabled: true, feature: feature.id });
    expect((await stage.audit())[0]?.id).toBe(row?.id as number);
  });

  test.each([
    [
      { feature_state_value: 2147483648 },
      { feature_state_value: ["Integer values must be between -2147483648 and 2147483647."] },
    ],
    [
      { feature_state_value: "x".repeat(20_001) },
      { feature_state_value: ["Ensure this field has no more than 20000 characters."] },
    ],
    [{ feature_state_value: [1] }, { feature_state_value: ["Not a valid string, integer or boolean."] }],
    [{ enabled: "x" }, { enabled: ["Must be a valid boolean."] }],
    [{ feature: 999_999 }, { feature: ["Cannot change the feature of a feature state"] }],
    [
      { multivariate_feature_state_values: [{ multivariate_feature_option: 999_999, percentage_allocation: 1 }] },
      {
        multivariate_feature_state_values: [
          { multivariate_feature_option: ['Invalid pk "999999" - object does not exist.'] },
        ],
      },
    ],
  ])("refuse what is no state (%#)", async (body, errors) => {
    const { id } = await standard();
    expect(await stage.send<unknown>(400, "PATCH", `${BARE}${id}/`, body)).toEqual(errors);
    expect(await served()).toEqual({ enabled: false, feature_state_value: "start" });
  });

  test("need UPDATE_FEATURE_STATE, and are their environment's own", async () => {
    const { id } = await standard();
    const grant = (permissions: string[]) => stage.client([{ scope: "environment", id: environment.id, permissions }]);
    const viewer = await grant(["VIEW_ENVIRONMENT"]);
    const overrider = await grant(["MANAGE_SEGMENT_OVERRIDES"]);
    const updater = await grant(["UPDATE_FEATURE_STATE"]);
    for (const method of ["PUT", "PATCH"]) {
      await stage.refuses(method, `${BARE}${id}/`, { enabled: true }, [viewer, overrider]);
    }
    await stage.refuses("GET", BARE, undefined, []);
    await stage.refuses("GET", `${BARE}${id}/`, undefined, []);
    expect((await viewer.call("GET", `${BARE}${id}/`)).status).toBe(200);
    expect((await updater.call("PUT", `${BARE}${id}/`, { enabled: true })).status).toBe(200);
    const other = await stage.send(201, "POST", "/api/v1/environments/", { name: `o${count}`, project: project.id });
    const foreign = `/api/v1/environments/${keyOf(other)}/featurestates/${id}/`;
    await stage.send(404, "GET", foreign);
    await stage.send(404, "PATCH", foreign, { enabled: true });
  });

  test("with anyIdentity the list is that of identity overrides, for those who may see identities", async () => {
    const identities = `/api/v1/environments/${keyOf(environment)}/identities/`;
    const ana = await stage.send(201, "POST", identities, { identifier: `ana ${count}` });
    await stage.send(201, "POST", `${identities}${ana.id}/featurestates/`, {
      feature: feature.id,
      enabled: true,
      feature_state_value: "hers",
    });
    const path = `${BARE}?anyIdentity=1&feature=${feature.id}&page_size=999`;
    const { results } = await stage.send<PageBody>(200, "GET", path);
    expect(results).toMatchObject([
      {
        feature: feature.id,
        enabled: true,
        feature_state_value: "hers",
        identity: { id: ana.id, identifier: `ana ${count}` },
      },
    ]);
    const viewer = await stage.client([
      { scope: "environment", id: environment.id, permissions: ["VIEW_ENVIRONMENT"] },
    ]);
    const seer = await stage.client([{ scope: "environment", id: environment.id, permissions: ["VIEW_IDENTITIES"] }]);
    expect((await viewer.call("GET", path)).status).toBe(403);
    expect((await seer.call("GET", path)).status).toBe(200);
  });
});

describe("typed states", () => {
  test("write the value their type names", async () => {
    const { id, uuid } = await standard();
    const body = { feature: feature.id, environment: environment.id, enabled: true };
    const put = (feature_state_value: object) =>
      stage.send(200, "PUT", `${TYPED}${id}/`, { ...body, feature_state_value });
    expect(await put({ type: "int", integer_value: 9, string_value: "ignored" })).toMatchObject({
      feature_state_value: { type: "int", string_value: null, integer_value: 9, boolean_value: null },
    });
    expect(await served()).toEqual({ enabled: true, feature_state_value: 9 });
    await put({ type: "bool", boolean_value: false });
    expect((await served())?.feature_state_value).toBe(false);
    await put({ string_value: "inferred" });
    expect((await served())?.feature_state_value).toBe("inferred");
    await put({ type: "unicode", string_value: null });
    expect((await served())?.feature_state_value).toBe(null);
    await stage.send(200, "PATCH", `${TYPED}${id}/`, { enabled: false });
    const got = await stage.send(200, "GET", `${TYPED}get-by-uuid/${uuid}/`);
    expect(got).toMatchObject({ id, enabled: false, feature_state_value: { type: "unicode", string_value: null } });
  });

  test("the list needs an environment and shows defaults and segment overrides", async () => {
    expect(await stage.send<unknown>(400, "GET", TYPED)).toEqual(["'environment' GET parameter is required."]);
    const segmentTie = await tie();
    await stage.send(201, "POST", TYPED, {
      feature: feature.id,
      environment: environment.id,
      feature_segment: segmentTie.id,
      enabled: true,
      feature_state_value: text("pros"),
    });
    const list = (query: string) => stage.send<PageBody>(200, "GET", `${TYPED}?environment=${environment.id}${query}`);
    const { results } = await list(`&feature=${feature.id}`);
    expect(results.map((row) => row["feature_segment"])).toEqual([null, segmentTie.id]);
    expect((await list(`&feature_segment=${segmentTie.id}`)).results).toMatchObject([
      { feature_state_value: { string_value: "pros" } },
    ]);
    expect((await stage.stranger.call("GET", `${TYPED}?environment=${environment.id}`)).status).toBe(404);
  });

  test("a segment override is tied first and given its state then, as infrastructure tools do", async () => {
    const segmentTie = await tie({ priority: 0 });
    const body = {
      feature: feature.id,
      environment: environment.id,
      feature_segment: segmentTie.id,
      enabled: true,
      feature_state_value: text("pros"),
    };
    const made = await stage.send(201, "POST", TYPED, body);
    expect(made).toMatchObject({ enabled: true, feature_segment: segmentTie.id, identity: null });
    expect(await servedTo("pro")).toEqual({ enabled: true, feature_state_value: "pros" });
    expect(await servedTo("free")).toEqual({ enabled: false, feature_state_value: "start" });
    await stage.send(200, "PUT", `${TYPED}${made.id}/`, { ...body, feature_state_value: text("changed") });
    expect((await servedTo("pro"))?.feature_state_value).toBe("changed");
    const [row] = await stage.audit();
    expect(row).toMatchObject({ action: "UPDATE", object_type: "feature_state" });
    expect(JSON.parse(row?.after ?? "{}")).toMatchObject({ segment: segment.id, priority: 0 });
    await stage.send(400, "POST", TYPED, body);
    await stage.send(204, "DELETE", `${TIES}${segmentTie.id}/`);
    expect((await servedTo("pro"))?.feature_state_value).toBe("start");
    await stage.send(404, "GET", `${TYPED}get-by-uuid/${made.uuid}/`);
  });

  test("refuse moves, foreign rows and identities", async () => {
    const { id } = await standard();
    const other = await stage.send(201, "POST", "/api/v1/environments/", { name: `t${count}`, project: project.id });
    expect(await stage.send<unknown>(400, "PATCH", `${TYPED}${id}/`, { environment: other.id, feature: 1 })).toEqual({
      environment: ["Cannot change the environment of a feature state"],
      feature: ["Cannot change the feature of a feature state"],
    });
    const segmentTie = await tie();
    await stage.send(400, "PATCH", `${TYPED}${id}/`, { feature_segment: segmentTie.id });
    const body = { feature: feature.id, environment: environment.id };
    expect(await stage.send<unknown>(400, "POST", TYPED, { ...body, feature_segment: 999_999 })).toEqual({
      feature_segment: ['Invalid pk "999999" - object does not exist.'],
    });
    expect(
      await stage.send<unknown>(400, "POST", TYPED, { ...body, environment: other.id, feature_segment: segmentTie.id }),
    ).toEqual({
      non_field_errors: ["Feature Segment does not belong to environment."],
    });
    await stage.send(400, "POST", TYPED, body);
    await stage.send(400, "POST", TYPED, { ...body, identity: 5 });
    expect(
      await stage.send<unknown>(400, "POST", TYPED, { ...body, environment: 999_999, feature_segment: 1 }),
    ).toEqual({
      environment: ['Invalid pk "999999" - object does not exist.'],
    });
    expect((await stage.stranger.call("POST", TYPED, body)).status).toBe(400);
    expect(
      await stage.send<unknown>(400, "POST", TYPED, { ...body, feature: 999_999, feature_segment: segmentTie.id }),
    ).toEqual({
      feature: ["Feature does not exist in project"],
    });
    await stage.send(404, "PUT", `${TYPED}999999/`, body);
    await stage.send(204, "DELETE", `${TIES}${segmentTie.id}/`);
  });

  test("defaults need UPDATE_FEATURE_STATE, overrides MANAGE_SEGMENT_OVERRIDES", async () => {
    const segmentTie = await tie();
    const body = { feature: feature.id, environment: environment.id, enabled: true };
    const made = await stage.send(201, "POST", TYPED, { ...body, feature_segment: segmentTie.id });
    const { id, uuid } = await standard();
    const grant = (permissions: string[]) => stage.client([{ scope: "environment", id: environment.id, permissions }]);
    const updater = await grant(["UPDATE_FEATURE_STATE"]);
    const overrider = await grant(["MANAGE_SEGMENT_OVERRIDES"]);
    await stage.refuses("PUT", `${TYPED}${id}/`, body, [overrider]);
    await stage.refuses("PATCH", `${TYPED}${made.id}/`, { enabled: false }, [updater]);
    await stage.refuses("GET", `${TYPED}get-by-uuid/${uuid}/`, undefined, []);
    expect((await updater.call("PUT", `${TYPED}${id}/`, body)).status).toBe(200);
    expect((await overrider.call("PATCH", `${TYPED}${made.id}/`, { enabled: false })).status).toBe(200);
    const another = await newSegment(`more ${count}`, "x");
    const moreTie = await tie({ segment: another.id });
    expect((await updater.call("POST", TYPED, { ...body, feature_segment: moreTie.id })).status).toBe(403);
    expect((await overrider.call("POST", TYPED, { ...body, feature_segment: moreTie.id })).status).toBe(201);
  });
});

describe("feature segments", () => {
  const order = async (): Promise<unknown[]> =>
    (
      await stage.send<PageBody>(
        200,
        "GET",
        `${TIES}?environment=${environment.id}&feature=${feature.id}&page_size=999`,
      )
    ).results.map((row) => row["segment_name"]);

  async function three() {
    const made: Body[] = [];
    for (const plan of ["a", "b", "c"]) {
      const own = await newSegment(`${plan}${count}`, plan);
      made.push(await tie({ segment: own.id }));
    }
    return made as [Body, Body, Body];
  }

  test("are listed in their order, and moved without ever sharing a place", async () => {
    const [a, b, c] = await three();
    const names = ["a", "b", "c"].map((plan) => `${plan}${count}`);
    expect(await order()).toEqual(names);
    const answer = await stage.send<PageBody>(200, "POST", `${TIES}update-priorities/`, [{ id: c.id, priority: 0 }]);
    expect(answer.results).toMatchObject([{ id: c.id, priority: 0, segment_name: names[2] as string }]);
    expect(await order()).toEqual([names[2], names[0], names[1]]);
    const [row] = await stage.audit(3);
    expect(row).toMatchObject({ action: "UPDATE", object_type: "feature_segment", environment_id: environment.id });
    await stage.send(200, "POST", `${TIES}update-priorities/`, [
      { id: a.id, priority: 0 },
      { id: b.id, priority: 1 },
      { id: c.id, priority: 2 },
    ]);
    expect(await order()).toEqual(names);
    await stage.send(204, "DELETE", `${TIES}${a.id}/`);
    expect(await stage.send(200, "GET", `${TIES}${c.id}/`)).toMatchObject({ priority: 1, is_feature_specific: false });
    expect(await stage.send(200, "PATCH", `${TIES}${c.id}/`, { priority: 0 })).toMatchObject({ priority: 0 });
    expect(await order()).toEqual([names[2], names[1]]);
    const body = { feature: feature.id, segment: c["segment"], environment: environment.id };
    expect(await stage.send(200, "PUT", `${TIES}${c.id}/`, body)).toMatchObject({ ...body, priority: 0 });
  });

  test("the strongest that matches wins, at once after a reorder", async () => {
    const first = await newSegment(`first ${count}`, "pro");
    const ties = [await tie(), await tie({ segment: first.id })] as const;
    for (const [i, value] of ["weak", "strong"].entries()) {
      const body = { feature: feature.id, environment: environment.id, feature_segment: ties[i]?.id, enabled: true };
      await stage.send(201, "POST", TYPED, { ...body, feature_state_value: text(value) });
    }
    expect((await servedTo("pro"))?.feature_state_value).toBe("weak");
    await stage.send(200, "POST", `${TIES}update-priorities/`, [{ id: ties[1].id, priority: 0 }]);
    expect((await servedTo("pro"))?.feature_state_value).toBe("strong");
  });

  test("tie a segment of the project to a feature of it, once", async () => {
    const body = { feature: feature.id, segment: segment.id, environment: environment.id };
    const made = await tie();
    expect(made).toMatchObject({ ...body, priority: 0 });
    expect(await stage.send(200, "GET", `${TIES}get-by-uuid/${made.uuid}/`)).toMatchObject({
      id: made.id,
      segment: segment.id,
    });
    expect(await stage.send<unknown>(400, "POST", TIES, body)).toEqual({
      non_field_errors: ["The fields feature, environment, segment must make a unique set."],
    });
    expect(await stage.send<unknown>(400, "POST", TIES, { ...body, segment: 999_999 })).toEqual({
      segment: ['Invalid pk "999999" - object does not exist.'],
    });
    expect(await stage.send<unknown>(400, "POST", TIES, { ...body, feature: 999_999 })).toEqual({
      feature: ["Feature does not exist in project"],
    });
    expect(await stage.send<unknown>(400, "POST", TIES, {})).toEqual({
      feature: ["This field is required."],
      segment: ["This field is required."],
      environment: ["This field is required."],
    });
    await stage.send(400, "PATCH", `${TIES}${made.id}/`, { segment: 999_999 });
    const other = await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, { name: `own${count}` });
    const specific = await newSegment(`specific ${count}`, "x", { feature: other.id });
    expect(await stage.send<unknown>(400, "POST", TIES, { ...body, segment: specific.id })).toEqual({
      feature: [`Can only create segment override(using this segment) for feature ${other.id}`],
    });
    const own = await tie({ feature: other.id, segment: specific.id });
    expect(await stage.send(200, "GET", `${TIES}${own.id}/`)).toMatchObject({ is_feature_specific: true });
  });

  test("an environment has as many as its project allows", async () => {
    const { total_segment_overrides: total } = await stage.send(
      200,
      "GET",
      `/api/v1/environments/${keyOf(environment)}/`,
    );
    await stage.send(200, "PATCH", `/api/v1/projects/${project.id}/`, { max_segment_overrides_allowed: total });
    const body = { feature: feature.id, segment: segment.id, environment: environment.id };
    const refusal = { environment: ["The environment has reached the maximum allowed segments overrides limit."] };
    expect(await stage.send<unknown>(400, "POST", TIES, body)).toEqual(refusal);
    const path = `/api/v1/environments/${keyOf(environment)}/features/${feature.id}/create-segment-override/`;
    const override = { feature_segment: { segment: segment.id }, feature_state_value: {} };
    expect(await stage.send<unknown>(400, "POST", path, override)).toEqual(refusal);
    const flag = `/api/__future__/environments/${keyOf(environment)}/features/${feature.id}/`;
    expect(
      await stage.send<unknown>(400, "PATCH", flag, { segment_overrides: [{ segment: { id: segment.id } }] }),
    ).toEqual(refusal);
    await stage.send(200, "PATCH", `/api/v1/projects/${project.id}/`, { max_segment_overrides_allowed: 2000 });
  });

  test("reorders name rows of one feature and environment that the caller may order", async () => {
    const [a, b] = await three();
    const path = `${TIES}update-priorities/`;
    const missing = { non_field_errors: ["Some of the provided ids were not found."] };
    expect(await stage.send<unknown>(400, "POST", path, [{ id: 999_999, priority: 0 }])).toEqual(missing);
    expect((await stage.stranger.call("POST", path, [{ id: a.id, priority: 1 }])).body).toEqual(missing);
    expect(await stage.send<unknown>(400, "POST", path, [{ id: a.id, priority: -1 }])).toEqual([
      { priority: ["Ensure this value is greater than or equal to 0."] },
    ]);
    const other = await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, {
      name: `reorder${count}`,
    });
    const foreign = await tie({ feature: other.id });
    expect(
      await stage.send<unknown>(400, "POST", path, [
        { id: b.id, priority: 0 },
        { id: foreign.id, priority: 1 },
      ]),
    ).toEqual({
      non_field_errors: ["All feature segments must belong to the same feature & environment."],
    });
    expect((await stage.send<PageBody>(200, "POST", path, [])).results).toEqual([]);
    const viewer = await stage.client([
      { scope: "environment", id: environment.id, permissions: ["VIEW_ENVIRONMENT"] },
    ]);
    expect((await viewer.call("POST", path, [{ id: a.id, priority: 1 }])).status).toBe(403);
    const body = { feature: feature.id, segment: segment.id, environment: environment.id };
    expect((await viewer.call("POST", TIES, body)).status).toBe(403);
    await stage.refuses("DELETE", `${TIES}${a.id}/`, undefined, [viewer]);
    await stage.refuses("PUT", `${TIES}${a.id}/`, body, [viewer]);
    await stage.refuses("PATCH", `${TIES}${a.id}/`, { priority: 2 }, [viewer]);
    await stage.refuses("GET", `${TIES}${a.id}/`, undefined, []);
    await stage.refuses("GET", `${TIES}get-by-uuid/${a.uuid}/`, undefined, []);
    await stage.refuses("GET", `${TIES}?environment=${environment.id}&feature=${feature.id}`, undefined, []);
    await stage.send(400, "GET", `${TIES}?environment=${environment.id}`);
  });
});

describe("a segment override in one call", () => {
  const path = (): string =>
    `/api/v1/environments/${keyOf(environment)}/features/${feature.id}/create-segment-override/`;

  test("is tied, placed and served at once", async () => {
    const made = await stage.send(201, "POST", path(), {
      feature_segment: { segment: segment.id },
      enabled: true,
      feature_state_value: text("one call"),
    });
    expect(made).toMatchObject({
      feature: feature.id,
      environment: environment.id,
      enabled: true,
      feature_segment: { segment: segment.id, priority: 0 },
      feature_state_value: text("one call"),
    });
    expect(await servedTo("pro")).toEqual({ enabled: true, feature_state_value: "one call" });
    const another = await newSegment(`one call ${count}`, "pro");
    await stage.send(201, "POST", path(), {
      feature_segment: { segment: another.id, priority: 0 },
      enabled: true,
      feature_state_value: text("stronger"),
    });
    expect((await servedTo("pro"))?.feature_state_value).toBe("stronger");
    expect((await stage.audit())[0]).toMatchObject({
      action: "CREATE",
      object_type: "feature_state",
      environment_id: environment.id,
    });
  });

  test("refuses what is no override, and the wrong people", async () => {
    const body = { feature_segment: { segment: segment.id }, feature_state_value: {} };
    expect(await stage.send<unknown>(400, "POST", path(), {})).toEqual({
      feature_segment: ["This field is required."],
      feature_state_value: ["This field is required."],
    });
    expect(await stage.send<unknown>(400, "POST", path(), { ...body, feature_segment: { segment: 999_999 } })).toEqual({
      segment: ['Invalid pk "999999" - object does not exist.'],
    });
    const updater = await stage.client([
      { scope: "environment", id: environment.id, permissions: ["UPDATE_FEATURE_STATE"] },
    ]);
    await stage.refuses("POST", path(), body, [updater]);
    await stage.send(404, "POST", path().replace(String(feature.id), "999999"), body);
    await stage.send(201, "POST", path(), body);
    await stage.send(400, "POST", path(), body);
  });
});
