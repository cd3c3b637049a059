import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Body, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let environment: Body;
let feature: Body;
let OPTIONS: string;
let count = 0;

const keyOf = (body: Body): string => body["api_key"] as string;

beforeAll(async () => {
  stage = await createStage();
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "e", project: project.id });
});
beforeEach(async () => {
  const features = `/api/v1/projects/${project.id}/features/`;
  const body = { name: `f${++count}`, initial_value: "control", default_enabled: true };
  feature = await stage.send(201, "POST", features, body);
  OPTIONS = `${features}${feature.id}/mv-options/`;
});
afterAll(() => stage.close());

const add = (body: object): Promise<Body> => stage.send(201, "POST", OPTIONS, { feature: feature.id, ...body });
const value = async (identifier = "ana", key = keyOf(environment)): Promise<unknown> =>
  (await stage.identify(key, identifier))[feature["name"] as string]?.feature_state_value;

interface Share {
  readonly id: number;
  readonly multivariate_feature_option: number;
  readonly percentage_allocation: number;
}

async function sharesOf(key = keyOf(environment)): Promise<Share[]> {
  const path = `/api/v1/environments/${key}/featurestates/?feature=${feature.id}`;
  const { results } = await stage.send<PageBody>(200, "GET", path);
  return results[0]?.["multivariate_feature_state_values"] as Share[];
}

describe("adding", () => {
  test("a variant reaches everybody its share says, and the feature becomes multivariate", async () => {
    expect(await value()).toBe("control");
    const made = await add({ type: "unicode", string_value: "blue", default_percentage_allocation: 100, key: "blue" });
    expect(made).toMatchObject({ feature: feature.id, type: "unicode", string_value: "blue", key: "blue" });
    expect(await value()).toBe("blue");
    expect(await stage.send(200, "GET", `${OPTIONS}${made.id}/`)).toEqual(made);
    expect(await stage.send(200, "GET", `/api/v1/multivariate/options/get-by-uuid/${made.uuid}/`)).toEqual(made);
    expect(await stage.send<PageBody>(200, "GET", OPTIONS)).toMatchObject({ count: 1, results: [made] });
    const one = `/api/v1/projects/${project.id}/features/${feature.id}/`;
    expect(await stage.send(200, "GET", one)).toMatchObject({ type: "MULTIVARIATE" });
    expect((await stage.audit())[0]).toMatchObject({ action: "CREATE", object_type: "multivariate_option" });
  });

  test("environments give it its default share, or nothing where there is no room; overrides give it nothing", async () => {
    const first = await add({ string_value: "a", default_percentage_allocation: 30 });
    const rules = [{ type: "ALL", conditions: [{ operator: "EQUAL", property: "plan", value: "pro" }] }];
    const segment = await stage.send(201, "POST", `/api/v1/projects/${project.id}/segments/`, { name: "pros", rules });
    const path = `/api/v1/environments/${keyOf(environment)}/features/${feature.id}/create-segment-override/`;
    const shares = [{ multivariate_feature_option: first.id, percentage_allocation: 100 }];
    const override = await stage.send(201, "POST", path, {
      feature_segment: { segment: segment.id },
      enabled: true,
      feature_state_value: { type: "unicode", string_value: "control" },
      multivariate_feature_state_values: shares,
    });
    const clone = `/api/v1/environments/${keyOf(environment)}/clone/`;
    const roomy = await stage.send(200, "POST", clone, { name: `roomy ${count}` });
    await stage.send(200, "PATCH", `/api/v1/environments/${keyOf(environment)}/featurestates/${await defaultId()}/`, {
      multivariate_feature_state_values: shares,
    });
    const second = await add({ string_value: "b", default_percentage_allocation: 20 });
    const percents = async (key: string) => (await sharesOf(key)).map((share) => share.percentage_allocation);
    expect(await percents(keyOf(environment))).toEqual([100, 0]);
    expect(await percents(keyOf(roomy))).toEqual([30, 20]);
    const held = await stage.send(200, "GET", `/api/v1/features/featurestates/get-by-uuid/${override.uuid}/`);
    expect(held["multivariate_feature_state_values"]).toMatchObject([
      { multivariate_feature_option: first.id, percentage_allocation: 100 },
      { multivariate_feature_option: second.id, percentage_allocation: 0 },
    ]);
  });

  test.each([
    [
      { string_value: "x", default_percentage_allocation: 41 },
      { default_percentage_allocation: ["Invalid percentage allocation"] },
    ],
    [{ string_value: "x" }, { default_percentage_allocation: ["Invalid percentage allocation"] }],
    [
      { string_value: "x", default_percentage_allocation: 1, key: "control" },
      { key: ['"control" is a reserved key.'] },
    ],
    [
      { string_value: "x", default_percentage_allocation: 1, key: "taken" },
      { non_field_errors: ["The fields feature, key must make a unique set."] },
    ],
    [
      { string_value: "x", default_percentage_allocation: 1, key: "with space" },
      { key: ["Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."] },
    ],
    [{ key: "x".repeat(256) }, { key: ["Ensure this field has no more than 255 characters."] }],
    [{ integer_value: 2147483648 }, { integer_value: ["Ensure this value is less than or equal to 2147483647."] }],
    [{ string_value: "x".repeat(20_001) }, { string_value: ["Ensure this field has no more than 20000 characters."] }],
    [{ type: "float" }, { type: ['"float" is not a valid choice.'] }],
    [{ feature: 999_999 }, { feature: ["It is not the feature of the path."] }],
  ])("refuses what is no variant (%#)", async (body, errors) => {
    await add({ string_value: "first", default_percentage_allocation: 60, key: "taken" });
    expect(await stage.send<unknown>(400, "POST", OPTIONS, body)).toEqual(errors);
    expect((await stage.send<PageBody>(200, "GET", OPTIONS)).count).toBe(1);
  });
});

const defaultId = async (): Promise<number> => {
  const path = `/api/v1/environments/${keyOf(environment)}/featurestates/?feature=${feature.id}`;
  return (await stage.send<PageBody>(200, "GET", path)).results[0]?.id ?? 0;
};

describe("changing", () => {
  test("the value changes for whoever has it; what is left out stays, and so do the shares", async () => {
    const made = await add({ string_value: "blue", default_percentage_allocation: 100, key: "k" });
    expect(await value()).toBe("blue");
    const before = await sharesOf();
    const one = `${OPTIONS}${made.id}/`;
    expect(await stage.send(200, "PUT", one, { type: "int", integer_value: 5, string_value: null })).toMatchObject({
      type: "int",
      integer_value: 5,
      string_value: null,
      default_percentage_allocation: 100,
      key: "k",
    });
    expect(await value()).toBe(5);
    await stage.send(200, "PATCH", one, { feature: feature.id, default_percentage_allocation: 10 });
    expect(await sharesOf()).toEqual(before);
    expect(await value()).toBe(5);
    expect(await stage.send(200, "PATCH", one, { key: null })).toMatchObject({ key: null });
    const [row] = await stage.audit();
    expect(JSON.parse(row?.before ?? "{}")).toMatchObject({ key: "k" });
    await stage.send(200, "PATCH", one, { key: null });
    expect((await stage.audit())[0]?.id).toBe(row?.id as number);
  });

  test("value rows keep their ids and their order when shares change", async () => {
    const a = await add({ string_value: "a", default_percentage_allocation: 50 });
    const b = await add({ string_value: "b", default_percentage_allocation: 50 });
    const before = await sharesOf();
    const path = `/api/v1/environments/${keyOf(environment)}/featurestates/${await defaultId()}/`;
    const shares = [
      { multivariate_feature_option: b.id, percentage_allocation: 90 },
      { multivariate_feature_option: a.id, percentage_allocation: 10 },
    ];
    const changed = await stage.send(200, "PATCH", path, { multivariate_feature_state_values: shares });
    expect(changed["multivariate_feature_state_values"]).toEqual([
      { ...before[0], percentage_allocation: 10 },
      { ...before[1], percentage_allocation: 90 },
    ]);
    const only = [{ multivariate_feature_option: a.id, percentage_allocation: 100 }];
    await stage.send(200, "PATCH", path, { multivariate_feature_state_values: only });
    expect((await sharesOf()).map((share) => [share.id, share.percentage_allocation])).toEqual([
      [before[0]?.id ?? 0, 100],
      [before[1]?.id ?? 0, 0],
    ]);
    expect(await value()).toBe("a");
  });
});

describe("deleting", () => {
  test("takes it out of every state, override and identity; with the last one the feature is standard again", async () => {
    const made = await add({ string_value: "blue", default_percentage_allocation: 100 });
    const { kysely } = stage.app.db;
    await kysely
      .insertInto("identity_overrides")
      .values({
        environment_id: environment.id,
        identifier: `someone ${count}`,
        feature_id: feature.id,
        uuid: crypto.randomUUID(),
        enabled: 1,
        value: '"control"',
        hash_seed: "1",
        variants: JSON.stringify([
          { id: 1, uuid: crypto.randomUUID(), option_id: made.id, percentage_allocation: 100 },
        ]),
        created_at: 1,
        updated_at: 1,
      })
      .execute();
    expect(await value()).toBe("blue");
    await stage.send(204, "DELETE", `${OPTIONS}${made.id}/`);
    expect(await value()).toBe("control");
    expect(await sharesOf()).toEqual([]);
    const override = kysely.selectFrom("identity_overrides").select("variants").where("feature_id", "=", feature.id);
    expect(await override.executeTakeFirst()).toEqual({ variants: "[]" });
    const one = `/api/v1/projects/${project.id}/features/${feature.id}/`;
    expect(await stage.send(200, "GET", one)).toMatchObject({ type: "STANDARD" });
    expect((await stage.audit())[0]).toMatchObject({ action: "DELETE", object_type: "multivariate_option" });
    await stage.send(404, "DELETE", `${OPTIONS}${made.id}/`);
  });
});

test("variants are seen with the project, changed by its administrators, and are their feature's own", async () => {
  const made = await add({ string_value: "x", default_percentage_allocation: 10 });
  const one = `${OPTIONS}${made.id}/`;
  const editor = await stage.client([
    { scope: "project", id: project.id, permissions: ["VIEW_PROJECT", "CREATE_FEATURE", "DELETE_FEATURE"] },
  ]);
  for (const path of [OPTIONS, one, `/api/v1/multivariate/options/get-by-uuid/${made.uuid}/`]) {
    await stage.refuses("GET", path, undefined, []);
    expect((await editor.call("GET", path)).status).toBe(200);
  }
  await stage.refuses("POST", OPTIONS, { string_value: "y", default_percentage_allocation: 1 }, [editor]);
  await stage.refuses("PUT", one, { string_value: "y" }, [editor]);
  await stage.refuses("PATCH", one, { string_value: "y" }, [editor]);
  await stage.refuses("DELETE", one, undefined, [editor]);
  const other = await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, { name: `other${count}` });
  const foreign = `/api/v1/projects/${project.id}/features/${other.id}/mv-options/${made.id}/`;
  await stage.send(404, "GET", foreign);
  await stage.send(404, "PATCH", foreign, { string_value: "y" });
  await stage.send(404, "DELETE", foreign);
  await stage.send(404, "GET", `/api/v1/projects/${project.id}/features/999999/mv-options/`);
});
