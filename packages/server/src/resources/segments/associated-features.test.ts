/** What a segment overrides is shown as far as its environments are the caller's to see. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Body, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

test("states of environments that the caller cannot see are not listed, whether it names one or none", async () => {
  const send = (path: string, body: object) => stage.send<Body & { api_key: string }>(201, "POST", path, body);
  const project = (await send("/api/v1/projects/", { name: "p", organisation: stage.organisationId })).id;
  const seen = await send("/api/v1/environments/", { name: "seen", project });
  const hidden = await send("/api/v1/environments/", { name: "hidden", project });
  const feature = await send(`/api/v1/projects/${project}/features/`, { name: "f" });
  const rules = [{ type: "ALL", conditions: [{ operator: "EQUAL", property: "plan", value: "pro" }] }];
  const segment = await send(`/api/v1/projects/${project}/segments/`, { name: "s", rules });
  for (const { api_key } of [seen, hidden]) {
    const path = `/api/v1/environments/${api_key}/features/${feature.id}/create-segment-override/`;
    await send(path, { feature_segment: { segment: segment.id }, enabled: true, feature_state_value: {} });
  }
  const viewer = await stage.client([
    { scope: "project", id: project, permissions: ["VIEW_PROJECT"] },
    { scope: "environment", id: seen.id, permissions: ["VIEW_ENVIRONMENT"] },
  ]);
  const path = `/api/v1/projects/${project}/segments/${segment.id}/associated-features/`;
  const all = await stage.send<PageBody>(200, "GET", path);
  expect(all.results.map((row) => row["environment"])).toEqual([seen.id, hidden.id]);
  const own = (await viewer.call("GET", path)).body as PageBody;
  expect(own.count).toBe(1);
  expect(own.results).toMatchObject([{ feature: feature.id, environment: seen.id }]);
  expect((await viewer.call("GET", `${path}?environment=${hidden.id}`)).status).toBe(404);
  expect(((await viewer.call("GET", `${path}?environment=${seen.id}`)).body as PageBody).count).toBe(1);
});
