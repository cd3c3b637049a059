/** Which segments override a feature, in which order, and one call that does it all. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { keyOf } from "../../testing/feature-stage.ts";
import type { Body, PageBody, Stage } from "../../testing/index.ts";
import { createStateStage, type StateStage, TIES, TYPED, text } from "../../testing/state-stage.ts";

let stage: Stage;
let project: Body;
let environment: Body;
let segment: Body;
let newSegment: StateStage["newSegment"];
let newFeature: StateStage["newFeature"];
let feature: Body;
let count = 0;

beforeAll(async () => {
  ({ stage, project, environment, segment, newSegment, newFeature } = await createStateStage());
});
beforeEach(async () => {
  feature = await newFeature(`f${++count}`);
});
afterAll(() => stage.close());

const name = (): string => feature["name"] as string;

const servedTo = async (plan: string) => (await stage.identify(keyOf(environment), `${plan} user`, { plan }))[name()];

const tie = (more: object = {}): Promise<Body & { priority: number }> =>
  stage.send(201, "POST", TIES, { feature: feature.id, segment: segment.id, environment: environment.id, ...more });

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
