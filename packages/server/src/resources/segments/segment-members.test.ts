import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Body, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let environment: Body;
let feature: Body;
let SEGMENTS: string;

const keyOf = (body: Body): string => body["api_key"] as string;
const rulesFor = (value: string) => [
  { type: "ALL", rules: [], conditions: [{ operator: "EQUAL", property: "plan", value }] },
];

const makeEnvironment = (name: string) =>
  stage.send(201, "POST", "/api/v1/environments/", { name, project: project.id });
const makeSegment = (name: string, value: string) =>
  stage.send(201, "POST", SEGMENTS, { name, rules: rulesFor(value) });
const override = (where: Body, segment: Body, value: string) =>
  stage.send<unknown>(200, "PATCH", `/api/__future__/environments/${keyOf(where)}/features/${feature.id}/`, {
    segment_overrides: [{ segment: { id: segment.id }, enabled: true, value: { type: "string", value } }],
  });

beforeAll(async () => {
  stage = await createStage();
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  environment = await makeEnvironment("here");
  feature = await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, { name: "f" });
  SEGMENTS = `/api/v1/projects/${project.id}/segments/`;
});
afterAll(() => stage.close());

describe("where a segment is used", () => {
  test("every override is listed with its feature, environment, value and priority", async () => {
    const other = await makeEnvironment("there");
    const [first, used] = [await makeSegment("first", "a"), await makeSegment("used", "b")];
    await override(environment, first, "x");
    await override(environment, used, "blue");
    await override(other, used, "green");
    const answer = await stage.send<PageBody & { total: number }>(200, "GET", `${SEGMENTS}${used.id}/where-used/`);
    expect(answer.total).toBe(2);
    expect(answer.results).toMatchObject([
      {
        feature: { id: feature.id, name: "f" },
        environment: { name: "here" },
        enabled: true,
        value: "blue",
        priority: 1,
      },
      { environment: { name: "there", api_key: keyOf(other) }, value: "green", priority: 0 },
    ]);
  });

  test("environments that the caller may not see are left out", async () => {
    const hidden = await makeEnvironment("hidden");
    const segment = await makeSegment("secret", "c");
    await override(hidden, segment, "x");
    await override(environment, segment, "y");
    const viewer = await stage.client([
      { scope: "project", id: project.id, permissions: ["VIEW_PROJECT"] },
      { scope: "environment", id: environment.id, permissions: ["VIEW_ENVIRONMENT"] },
    ]);
    const { status, body } = await viewer.call("GET", `${SEGMENTS}${segment.id}/where-used/`);
    expect(status).toBe(200);
    expect((body as PageBody).results.map((row) => row["value"])).toEqual(["y"]);
  });

  test("another project's segment is not found", async () => {
    const segment = await makeSegment("mine", "d");
    const other = await stage.send(201, "POST", "/api/v1/projects/", { name: "q", organisation: stage.organisationId });
    await stage.send(404, "GET", `/api/v1/projects/${other.id}/segments/${segment.id}/where-used/`);
  });
});
