/** Undoing what took something along: orders, ties, variants with their shares, features' settings, segments with overrides. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Body, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
let project: number;
let key: string;
let environmentId: number;
let named = 0;

interface Entry {
  readonly id: number;
  readonly log: string;
  readonly is_undoable: boolean;
  readonly related_object_type: string;
  readonly change_details: readonly { readonly field: string }[];
}

beforeAll(async () => {
  stage = await createStage();
  project = (await stage.send(201, "POST", "/api/v1/projects/", { name: "Whole", organisation: stage.organisationId }))
    .id;
  const environment = await stage.send<Body & { api_key: string }>(201, "POST", "/api/v1/environments/", {
    name: "Live",
    project,
  });
  key = environment.api_key;
  environmentId = environment.id;
});
afterAll(() => stage.close());

const audit = () => `/api/v1/projects/${project}/audit/`;
/** The newest entry about this noun. */
async function newest(noun?: string): Promise<Entry> {
  const { results } = await stage.send<{ results: Entry[] }>(200, "GET", `${audit()}?page_size=20`);
  const found = results.find((entry) => noun === undefined || entry.related_object_type === noun);
  return stage.send(200, "GET", `${audit()}${found?.id}/`);
}
const undo = (entry: Entry, status = 200) => stage.send<Entry>(status, "POST", `${audit()}${entry.id}/undo/`);

const features = () => `/api/v1/projects/${project}/features/`;
const createFeature = (more: object = {}): Promise<Body & { readonly name: string }> =>
  stage.send(201, "POST", features(), { name: `whole-${++named}`, initial_value: "control", ...more });
const option = (value: string, share = 50) => ({
  type: "unicode",
  string_value: value,
  default_percentage_allocation: share,
});
const createVaried = () =>
  createFeature({ default_enabled: true, multivariate_options: [option("red"), option("blue")] });
const createSegment = (value = "pro"): Promise<Body> =>
  stage.send(201, "POST", `/api/v1/projects/${project}/segments/`, {
    name: `segment-${++named}`,
    rules: [{ type: "ALL", rules: [], conditions: [{ operator: "EQUAL", property: "plan", value }] }],
  });
const flagPath = (feature: Body) => `/api/__future__/environments/${key}/features/${feature.id}/`;
const override = (feature: Body, segment: Body, more: object = {}) =>
  stage.send<unknown>(200, "PATCH", flagPath(feature), {
    segment_overrides: [{ segment: { id: segment.id }, enabled: true, ...more }],
  });
const whole = (feature: Body) => stage.send<unknown>(200, "GET", flagPath(feature));
const orderOf = async (feature: Body) => {
  const path = `/api/v1/features/feature-segments/?environment=${environmentId}&feature=${feature.id}`;
  return (await stage.send<PageBody>(200, "GET", path)).results;
};

/** Which variant each of many people is told: what splits hash to must not change. */
async function variantsOf(feature: { readonly name: string }, traits: { plan?: string } = {}): Promise<unknown[]> {
  const people = Array.from({ length: 40 }, (_, n) => `person-${traits.plan ?? "without a plan"}-${n}`);
  const told = await Promise.all(people.map((person) => stage.identify(key, person, traits)));
  return told.map((flags) => flags[feature.name]?.feature_state_value);
}

describe("the order of overrides", () => {
  test("goes back as one, whoever made room included, and not twice", async () => {
    const feature = await createFeature();
    const segments = [await createSegment(), await createSegment(), await createSegment()];
    for (const segment of segments) await override(feature, segment);
    const before = await orderOf(feature);
    const last = before[2];
    await stage.send(200, "POST", "/api/v1/features/feature-segments/update-priorities/", [
      { id: last?.id, priority: 0 },
    ]);
    const { results } = await stage.send<{ results: (Entry & { related_object_id: number })[] }>(
      200,
      "GET",
      `${audit()}?page_size=3`,
    );
    const moved = results.find((entry) => entry.related_object_id === last?.id) as Entry;
    expect((await orderOf(feature)).map((row) => row.id)).not.toEqual(before.map((row) => row.id));
    expect((await undo(moved)).log).toBe(`Undid: ${moved.log}`);
    expect(await orderOf(feature)).toEqual(before);
    await undo(moved, 409);
  });

  test("a tie without a state goes; one that has a state by now stays", async () => {
    const feature = await createFeature();
    const tie = async () =>
      stage.send(201, "POST", "/api/v1/features/feature-segments/", {
        feature: feature.id,
        segment: (await createSegment()).id,
        environment: environmentId,
      });
    await tie();
    await undo(await newest("FEATURE_SEGMENT"));
    expect(await orderOf(feature)).toEqual([]);
    const kept = await tie();
    const made = await newest("FEATURE_SEGMENT");
    await stage.send(201, "POST", "/api/v1/features/featurestates/", {
      feature: feature.id,
      environment: environmentId,
      feature_segment: kept.id,
      enabled: true,
    });
    await undo(made, 409);
  });

  test("a tie that was removed comes back with its state, numbers and all", async () => {
    const feature = await createVaried();
    const segment = await createSegment("tie");
    const [red, blue] = feature["multivariate_options"] as Body[];
    const variants = [
      { id: red?.id, weight: 30 },
      { id: blue?.id, weight: 60 },
    ];
    await override(feature, segment, { variants });
    const [before, told, order] = [
      await whole(feature),
      await variantsOf(feature, { plan: "tie" }),
      await orderOf(feature),
    ];
    await stage.send(204, "DELETE", `/api/v1/features/feature-segments/${order[0]?.id}/`);
    const entry = await newest("FEATURE_SEGMENT");
    expect(entry.change_details.map(({ field }) => field)).not.toContain("kept");
    await undo(entry);
    expect([await whole(feature), await variantsOf(feature, { plan: "tie" }), await orderOf(feature)]).toEqual([
      before,
      told,
      order,
    ]);
  });
});

describe("a variant", () => {
  const one = (feature: Body, id?: number) => `${features()}${feature.id}/mv-options/${id ?? ""}${id ? "/" : ""}`;

  test("that was deleted comes back with every share, and everybody gets what they had", async () => {
    const feature = await createVaried();
    const segment = await createSegment("variant");
    const [red, blue] = feature["multivariate_options"] as Body[];
    const variants = [
      { id: red?.id, weight: 20 },
      { id: blue?.id, weight: 70 },
    ];
    await override(feature, segment, { variants });
    const identity = await stage.send(201, "POST", `/api/v1/environments/${key}/identities/`, { identifier: "hers" });
    await stage.send(201, "POST", `/api/v1/environments/${key}/identities/${identity.id}/featurestates/`, {
      feature: feature.id,
      enabled: true,
      multivariate_feature_state_values: [{ multivariate_feature_option: red?.id, percentage_allocation: 100 }],
    });
    const see = async () => [
      await whole(feature),
      await variantsOf(feature),
      await variantsOf(feature, { plan: "variant" }),
      (await stage.identify(key, "hers"))[feature.name],
    ];
    const before = await see();
    expect(before[3]).toEqual({ enabled: true, feature_state_value: "red" });
    await stage.send(204, "DELETE", one(feature, red?.id));
    expect(await see()).not.toEqual(before);
    await undo(await newest());
    expect(await see()).toEqual(before);
  });

  test("that was added goes, and that comes back too; one that was changed goes back", async () => {
    const feature = await createFeature();
    const made = await stage.send(201, "POST", one(feature), option("green", 40));
    await undo(await newest());
    const path = `${features()}${feature.id}/`;
    expect(await stage.send(200, "GET", path)).toMatchObject({ type: "STANDARD", multivariate_options: [] });
    await undo(await newest());
    const held = await stage.send(200, "GET", one(feature, made.id));
    expect(held).toMatchObject({ id: made.id, uuid: made.uuid, string_value: "green" });
    await stage.send(200, "PUT", one(feature, made.id), { ...option("grey", 10), key: "grey" });
    const entry = await newest();
    await undo(entry);
    expect(await stage.send<unknown>(200, "GET", one(feature, made.id))).toEqual(held);
    await undo(entry, 409);
  });

  test("does not come back where a state gives its share to others by now", async () => {
    const feature = await createVaried();
    const [red, blue] = feature["multivariate_options"] as Body[];
    await stage.send(204, "DELETE", one(feature, red?.id));
    const entry = await newest();
    await stage.send(200, "PATCH", flagPath(feature), {
      environment_default: { variants: [{ id: blue?.id, weight: 100 }] },
    });
    const refused: unknown = await undo(entry, 409);
    expect(refused).toEqual({
      detail: "It cannot be restored: a state gives its share to other variants by now.",
    });
    await stage.send(404, "GET", one(feature, red?.id));
  });
});

describe("a feature", () => {
  test("gets its description, tags and variants back", async () => {
    const tag = await stage.send(201, "POST", `/api/v1/projects/${project}/tags/`, { label: "kept" });
    const feature = await createFeature({
      description: "old",
      tags: [tag.id],
      default_enabled: true,
      multivariate_options: [option("red"), option("blue")],
    });
    const path = `${features()}${feature.id}/`;
    const [red] = feature["multivariate_options"] as Body[];
    const told = await variantsOf(feature);
    const before = await stage.send<Body>(200, "GET", path);
    await stage.send(200, "PATCH", path, {
      description: "new",
      tags: [],
      is_server_key_only: true,
      multivariate_options: [{ ...option("pink", 10), id: red?.id }, option("green", 5)],
    });
    const entry = await newest();
    await undo(entry);
    const after = await stage.send<Body>(200, "GET", path);
    for (const field of ["description", "tags", "is_server_key_only", "multivariate_options", "type"]) {
      expect(after[field]).toEqual(before[field] as never);
    }
    expect(await variantsOf(feature)).toEqual(told);
    await undo(entry, 409);
    expect(entry.is_undoable).toBe(true);
  });

  test("with other variants takes a project's administrator", async () => {
    const feature = await createFeature();
    await stage.send(200, "PATCH", `${features()}${feature.id}/`, { multivariate_options: [option("x")] });
    const { id } = await newest();
    const permissions = ["VIEW_AUDIT_LOG", "CREATE_FEATURE"];
    const editor = await stage.client([{ scope: "project", id: project, permissions }]);
    expect((await editor.call("POST", `${audit()}${id}/undo/`)).status).toBe(403);
  });
});

describe("a deleted segment", () => {
  const path = (segment: Body) => `/api/v1/projects/${project}/segments/${segment.id}/`;

  test("comes back with its overrides, each in its place, and nobody changes variant", async () => {
    const segment = await createSegment("both");
    const other = await createSegment("both");
    const [first, second] = [await createVaried(), await createFeature()];
    const [red, blue] = first["multivariate_options"] as Body[];
    const variants = [
      { id: red?.id, weight: 50 },
      { id: blue?.id, weight: 50 },
    ];
    await override(first, segment, { variants });
    await override(first, other);
    await override(second, other);
    await override(second, segment, { value: { type: "string", value: "theirs" } });
    const see = async () => [
      await whole(first),
      await whole(second),
      await variantsOf(first, { plan: "both" }),
      await orderOf(first),
      await orderOf(second),
    ];
    const before = await see();
    await stage.send(204, "DELETE", path(segment));
    const entry = await newest();
    expect(await see()).not.toEqual(before);
    const revision = await stage.revision(environmentId);
    await undo(entry);
    expect(await see()).toEqual(before);
    expect(await stage.revision(environmentId)).toBe(revision + 1);
    await undo(entry, 409);
  });

  test("comes back without the override of a feature that has gone since", async () => {
    const segment = await createSegment();
    const [gone, stays] = [await createFeature(), await createFeature()];
    await override(gone, segment);
    await override(stays, segment);
    await stage.send(204, "DELETE", path(segment));
    const entry = await newest();
    await stage.send(204, "DELETE", `${features()}${gone.id}/`);
    await undo(entry);
    const associated = await stage.send<PageBody>(200, "GET", `${path(segment)}associated-features/`);
    expect(associated.results.map((row) => row["feature"])).toEqual([stays.id]);
  });
});
