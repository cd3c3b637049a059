/** Flags of an environment with change requests are written by none of the doors; identities' overrides are no flags. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Body, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
let project: number;
let feature: Body;
let environment: Body & { readonly api_key: string };
const segments: Body[] = [];

const TYPED = "/api/v1/features/featurestates/";
const TIES = "/api/v1/features/feature-segments/";
const rules = [{ type: "ALL", conditions: [{ operator: "EQUAL", property: "plan", value: "pro" }] }];

beforeAll(async () => {
  stage = await createStage();
  const made = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  project = made.id;
  environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "e", project });
  feature = await stage.send(201, "POST", `/api/v1/projects/${project}/features/`, { name: "f" });
  for (const name of ["one", "two"]) {
    segments.push(await stage.send(201, "POST", `/api/v1/projects/${project}/segments/`, { name, rules }));
  }
});
afterAll(() => stage.close());

const tieOf = (segment: Body | undefined, environmentId = environment.id): Promise<Body> =>
  stage.send(201, "POST", TIES, { feature: feature.id, segment: segment?.id, environment: environmentId });

test("every direct write is refused while change requests are on, 0 approvals included, and none after", async () => {
  const place = `/api/v1/environments/${environment.api_key}/`;
  const tie = await tieOf(segments[0]);
  const states = await stage.send<PageBody>(200, "GET", `${place}featurestates/?feature=${feature.id}`);
  const state = states.results[0]?.id;
  const stateBody = { feature: feature.id, environment: environment.id, enabled: true };
  const entry = await (async () => {
    await stage.send(200, "PATCH", `${place}featurestates/${state}/`, { enabled: true });
    const { results } = await stage.send<PageBody>(200, "GET", `/api/v1/projects/${project}/audit/?page_size=1`);
    return results[0]?.id;
  })();
  const writes: [number, string, string, unknown][] = [
    [200, "PUT", `${place}featurestates/${state}/`, { enabled: false, feature_state_value: "v" }],
    [200, "PATCH", `${place}featurestates/${state}/`, { enabled: true, feature_state_value: null }],
    [200, "PATCH", `${TYPED}${state}/`, { enabled: false }],
    [200, "PUT", `${TYPED}${state}/`, stateBody],
    [201, "POST", TYPED, { ...stateBody, feature_segment: tie.id }],
    [200, "PATCH", `${TIES}${tie.id}/`, { priority: 3 }],
    [200, "POST", `${TIES}update-priorities/`, [{ id: tie.id, priority: 0 }]],
    [201, "POST", TIES, { feature: feature.id, segment: segments[1]?.id, environment: environment.id }],
    [204, "DELETE", `${TIES}${tie.id}/`, undefined],
    [
      201,
      "POST",
      `${place}features/${feature.id}/create-segment-override/`,
      { feature_segment: { segment: segments[0]?.id }, enabled: true, feature_state_value: {} },
    ],
    [
      200,
      "DELETE",
      `/api/__future__/environments/${environment.api_key}/features/${feature.id}/segment-overrides/${segments[0]?.id}/`,
      undefined,
    ],
    [
      200,
      "PATCH",
      `/api/__future__/environments/${environment.api_key}/features/${feature.id}/`,
      { environment_default: { enabled: true } },
    ],
    [200, "POST", `/api/v1/projects/${project}/audit/${entry}/undo/`, undefined],
  ];
  await stage.send(200, "PATCH", place, { minimum_change_request_approvals: 0 });
  const revision = await stage.revision(environment.id);
  for (const [, method, path, body] of writes) {
    const refused = await stage.admin.call(method, path, body);
    expect([method, path, refused.status, refused.body]).toEqual([
      method,
      path,
      409,
      {
        detail: "Cannot update flags in an environment with change requests enabled.",
        code: "change_requests_enabled",
      },
    ]);
  }
  expect(await stage.revision(environment.id)).toBe(revision);
  const identity = await stage.send(201, "POST", `${place}identities/`, { identifier: "ana" });
  const own = { feature: feature.id, enabled: true, feature_state_value: "hers" };
  await stage.send(201, "POST", `${place}identities/${identity.id}/featurestates/`, own);
  await stage.send(200, "PATCH", place, { minimum_change_request_approvals: null });
  for (const [status, method, path, body] of writes) {
    expect([method, path, (await stage.admin.call(method, path, body)).status]).toEqual([method, path, status]);
  }
});

test("a segment's tie in an environment that the caller cannot see is told from a missing one by nothing", async () => {
  const hidden = await stage.send(201, "POST", "/api/v1/environments/", { name: "hidden", project });
  const tie = await tieOf(segments[0], hidden.id);
  const caller = await stage.client([
    { scope: "environment", id: environment.id, permissions: ["VIEW_ENVIRONMENT", "MANAGE_SEGMENT_OVERRIDES"] },
  ]);
  const body = { feature: feature.id, environment: environment.id, enabled: true };
  for (const id of [tie.id, 999_999]) {
    expect(await caller.call("POST", TYPED, { ...body, feature_segment: id })).toMatchObject({
      status: 400,
      body: { feature_segment: [`Invalid pk "${id}" - object does not exist.`] },
    });
  }
  await stage.send(400, "POST", TYPED, { ...body, feature_segment: tie.id });
});
