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

interface Preview {
  readonly estimate: { count: number; total: number; percent: number; margin: number };
  readonly sample: readonly { identifier: string }[];
  readonly warnings: readonly { code: string; path: number[] }[];
}

describe("rules that are tried", () => {
  let place: Body;
  let PREVIEW: string;
  beforeAll(async () => {
    place = await makeEnvironment("people");
    PREVIEW = `/api/v1/environments/${keyOf(place)}/segment-preview/`;
    for (let i = 0; i < 30; i += 1)
      await stage.identify(keyOf(place), `user-${i}`, { plan: i % 3 === 0 ? "pro" : "free" });
  });

  test("few identities are counted, and some of those who are in are named", async () => {
    const { estimate, sample, warnings } = await stage.send<Preview>(200, "POST", PREVIEW, { rules: rulesFor("pro") });
    expect(estimate).toMatchObject({ count: 10, total: 30, margin: 0 });
    expect(estimate.percent).toBeCloseTo(33.33, 1);
    expect(sample).toHaveLength(10);
    expect(sample).toContainEqual({ identifier: "user-27" });
    expect(warnings).toEqual([]);
  });

  test("what is wrong with the rules is said beside the numbers", async () => {
    const rules = [{ type: "ALL", conditions: [{ operator: "REGEX", property: "plan", value: "(" }] }];
    const { estimate, warnings } = await stage.send<Preview>(200, "POST", PREVIEW, { rules });
    expect(estimate.count).toBe(0);
    expect(warnings[0]).toMatchObject({ code: "regex", path: [0, 0] });
  });

  test("nothing is stored, and rules that could not be stored are refused", async () => {
    const before = (await stage.audit()).length;
    await stage.send(200, "POST", PREVIEW, { rules: rulesFor("pro") });
    expect((await stage.audit()).length).toBe(before);
    await stage.send(400, "POST", PREVIEW, {});
    await stage.send(400, "POST", PREVIEW, { rules: [{ type: "MOST" }] });
    await stage.send(400, "POST", `${PREVIEW}?segment=99999`, { rules: rulesFor("pro") });
  });

  test("who may not see traits gets no estimate and no members", async () => {
    const segment = await makeSegment("hidden members", "pro");
    const viewer = await stage.client([
      { scope: "project", id: project.id, permissions: ["VIEW_PROJECT"] },
      { scope: "environment", id: place.id, permissions: ["VIEW_ENVIRONMENT"] },
    ]);
    expect((await viewer.call("POST", PREVIEW, { rules: rulesFor("pro") })).status).toBe(403);
    const members = `${SEGMENTS}${segment.id}/members/?environment=${place.id}`;
    expect((await viewer.call("GET", members)).status).toBe(403);
  });

  test("members come in pages, each once, narrowed by part of the identifier", async () => {
    const segment = await makeSegment("pros", "pro");
    const path = `${SEGMENTS}${segment.id}/members/?environment=${place.id}`;
    const seen: string[] = [];
    let cursor: string | null = "";
    for (let page = 0; cursor !== null && page < 10; page += 1) {
      const more: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
      type Members = {
        results: { identifier: string; identity_key: string; traits: object }[];
        next_cursor: string | null;
      };
      const body: Members = await stage.send<Members>(200, "GET", `${path}&limit=4${more}`);
      expect(body.results.length).toBeLessThanOrEqual(4);
      for (const { identifier, identity_key, traits } of body.results) {
        expect(identity_key).toBe(`${keyOf(place)}_${identifier}`);
        expect(traits).toEqual({ plan: "pro" });
        seen.push(identifier);
      }
      cursor = body.next_cursor;
    }
    expect(seen).toEqual([...seen].sort());
    expect(new Set(seen).size).toBe(10);
    const narrowed = await stage.send<PageBody>(200, "GET", `${path}&q=USER-2`);
    expect(narrowed.results.map((row) => row["identifier"])).toEqual(["user-21", "user-24", "user-27"]);
    await stage.send(400, "GET", `${SEGMENTS}${segment.id}/members/`);
    await stage.send(404, "GET", `${SEGMENTS}${segment.id}/members/?environment=999999`);
  });
});
