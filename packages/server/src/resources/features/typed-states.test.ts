/** States with typed values, addressed by number. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { keyOf } from "../../testing/feature-stage.ts";
import type { Body, PageBody, Stage } from "../../testing/index.ts";
import { createStateStage, type StateStage, TIES, TYPED, text } from "../../testing/state-stage.ts";

let stage: Stage;
let project: Body;
let environment: Body;
let segment: Body;
let BARE: string;
let newSegment: StateStage["newSegment"];
let newFeature: StateStage["newFeature"];
let feature: Body;
let count = 0;

beforeAll(async () => {
  ({ stage, project, environment, segment, BARE, newSegment, newFeature } = await createStateStage());
});
beforeEach(async () => {
  feature = await newFeature(`f${++count}`);
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
