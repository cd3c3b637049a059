/** Environments' defaults with bare values. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { keyOf } from "../../testing/feature-stage.ts";
import type { Body, PageBody, Stage } from "../../testing/index.ts";
import { createStateStage, type StateStage } from "../../testing/state-stage.ts";

let stage: Stage;
let project: Body;
let environment: Body;
let BARE: string;
let newFeature: StateStage["newFeature"];
let feature: Body;
let count = 0;

beforeAll(async () => {
  ({ stage, project, environment, BARE, newFeature } = await createStateStage());
});
beforeEach(async () => {
  feature = await newFeature(`f${++count}`);
});
afterAll(() => stage.close());

const name = (): string => feature["name"] as string;

const served = async () => (await stage.flags(keyOf(environment)))[name()];

async function standard(): Promise<Body> {
  const { results } = await stage.send<PageBody>(200, "GET", `${BARE}?feature=${feature.id}`);
  expect(results).toHaveLength(1);
  return results[0] as Body;
}

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
