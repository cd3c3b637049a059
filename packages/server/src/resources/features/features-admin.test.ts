/** Features come into the world in every environment, and only by those who may. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createFeatureStage, type FeatureStage, keyOf } from "../../testing/feature-stage.ts";
import type { Body, Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let production: Body;
let staging: Body;
let FEATURES: string;
let feature: FeatureStage["feature"];

beforeAll(async () => {
  ({ stage, project, production, staging, FEATURES, feature } = await createFeatureStage());
});
afterAll(() => stage.close());

describe("creating", () => {
  test("a feature is in every environment with its initial value, at once", async () => {
    const made = await feature({ initial_value: "hello", default_enabled: true, description: "d" });
    expect(made).toMatchObject({
      type: "STANDARD",
      initial_value: "hello",
      default_enabled: true,
      description: "d",
      project: project.id,
      is_archived: false,
      is_server_key_only: false,
      tags: [],
      multivariate_options: [],
      owners: [],
      group_owners: [],
      num_segment_overrides: 0,
      num_identity_overrides: null,
      environment_feature_state: null,
      lifecycle_stage: "new",
    });
    for (const environment of [production, staging]) {
      const flags = await stage.flags(keyOf(environment));
      expect(flags[made["name"] as string]).toEqual({ enabled: true, feature_state_value: "hello" });
    }
    const [row] = await stage.audit();
    expect(row).toMatchObject({
      action: "CREATE",
      object_type: "feature",
      object_id: String(made.id),
      project_id: project.id,
    });
    expect(JSON.parse(row?.after ?? "{}")).toMatchObject({ name: made["name"], initial_value: "hello" });
  });

  test.each([
    ["12", 12],
    ["-7", -7],
    ["2147483648", "2147483648"],
    ["1.5", "1.5"],
    ["true", true],
    ["False", false],
    ["TRUE", "TRUE"],
    ["", ""],
    [null, null],
    [5, 5],
    [true, true],
  ])("the initial value %p is served as %p", async (initial_value, served) => {
    const made = await feature({ initial_value });
    expect((await stage.flags(keyOf(production)))[made["name"] as string]?.feature_state_value).toBe(served);
  });

  test("hash seeds are the states' own ids, and stay when the state changes", async () => {
    const made = await feature();
    const states = () =>
      stage.app.db.kysely
        .selectFrom("feature_states")
        .selectAll()
        .where("feature_id", "=", made.id)
        .orderBy("id")
        .execute();
    const before = await states();
    expect(before).toHaveLength(2);
    for (const state of before) expect(state.hash_seed).toBe(String(state.id));
    const path = `/api/v1/environments/${keyOf(production)}/featurestates/${before[0]?.id}/`;
    await stage.send(200, "PUT", path, { enabled: true, feature_state_value: 3 });
    expect((await states()).map((state) => state.hash_seed)).toEqual(before.map((state) => state.hash_seed));
  });

  test("variants come along, with their default shares in every environment", async () => {
    const made = await feature({
      initial_value: "control",
      default_enabled: true,
      multivariate_options: [
        { type: "unicode", string_value: "blue", default_percentage_allocation: 100 },
        { type: "int", integer_value: 7, default_percentage_allocation: 0 },
      ],
    });
    expect(made["type"]).toBe("MULTIVARIATE");
    expect(made["multivariate_options"]).toMatchObject([
      { type: "unicode", string_value: "blue", integer_value: null, default_percentage_allocation: 100, key: null },
      { type: "int", string_value: null, integer_value: 7, default_percentage_allocation: 0 },
    ]);
    const flags = await stage.identify(keyOf(production), "ana");
    expect(flags[made["name"] as string]?.feature_state_value).toBe("blue");
  });

  test("a type may be asked for before there are variants", async () => {
    expect(await feature({ type: "MULTIVARIATE" })).toMatchObject({ type: "MULTIVARIATE", multivariate_options: [] });
  });

  test("prevent_flag_defaults makes features start off and empty", async () => {
    const path = `/api/v1/projects/${project.id}/`;
    await stage.send(200, "PATCH", path, { prevent_flag_defaults: true });
    const made = await feature({ initial_value: "x", default_enabled: true });
    expect(made).toMatchObject({ initial_value: "x", default_enabled: true });
    const flags = await stage.flags(keyOf(production));
    expect(flags[made["name"] as string]).toEqual({ enabled: false, feature_state_value: null });
    await stage.send(200, "PATCH", path, { prevent_flag_defaults: false });
  });

  test("names are unique whatever the case, and match the project's pattern as a whole", async () => {
    const made = await feature();
    expect(await stage.send<unknown>(400, "POST", FEATURES, { name: (made["name"] as string).toUpperCase() })).toEqual({
      name: ["Feature with that name already exists for this project. Note that feature names are case insensitive."],
    });
    await stage.send(200, "PATCH", `/api/v1/projects/${project.id}/`, { feature_name_regex: "[a-z]+_[0-9]+" });
    expect(await stage.send<unknown>(400, "POST", FEATURES, { name: "feature_1x" })).toEqual({
      name: ["Feature name must match regex: [a-z]+_[0-9]+"],
    });
    await stage.send(201, "POST", FEATURES, { name: "other_12" });
    await stage.send(200, "PATCH", `/api/v1/projects/${project.id}/`, { feature_name_regex: null });
  });

  test("of those who create one name at once, one does and the others are told", async () => {
    const together = Array.from({ length: 6 }, () => stage.admin.call("POST", FEATURES, { name: "at_once" }));
    const statuses = (await Promise.all(together)).map((answer) => answer.status);
    expect(statuses.sort()).toEqual([201, 400, 400, 400, 400, 400]);
  });

  test("features and environments that are created at once find each other", async () => {
    const own = await stage.send(201, "POST", "/api/v1/projects/", {
      name: "race",
      organisation: stage.organisationId,
    });
    const features = Array.from({ length: 5 }, (_, i) =>
      stage.send(201, "POST", `/api/v1/projects/${own.id}/features/`, { name: `r${i}` }),
    );
    const environments = Array.from({ length: 5 }, (_, i) =>
      stage.send(201, "POST", "/api/v1/environments/", { name: `r${i}`, project: own.id }),
    );
    await Promise.all(features);
    for (const environment of await Promise.all(environments)) {
      expect(Object.keys(await stage.flags(keyOf(environment))).sort()).toEqual(["r0", "r1", "r2", "r3", "r4"]);
    }
  });

  test("a project holds as many as it allows", async () => {
    const { total_features: total } = await stage.send(200, "GET", `/api/v1/projects/${project.id}/`);
    await stage.send(200, "PATCH", `/api/v1/projects/${project.id}/`, { max_features_allowed: total });
    expect(await stage.send<unknown>(400, "POST", FEATURES, { name: "one_more" })).toEqual({
      project: ["The Project has reached the maximum allowed features limit."],
    });
    await stage.send(200, "PATCH", `/api/v1/projects/${project.id}/`, { max_features_allowed: 1000 });
  });

  test.each([
    [{}, { name: ["This field is required."] }],
    [{ name: "x".repeat(2001) }, { name: ["Ensure this field has no more than 2000 characters."] }],
    [
      { name: "a", initial_value: "x".repeat(20_001) },
      { initial_value: ["Ensure this field has no more than 20000 characters."] },
    ],
    [{ name: "a", tags: [999_999] }, { tags: ['Invalid pk "999999" - object does not exist.'] }],
    [{ name: "a", owners: [999_999] }, { owners: ['Invalid pk "999999" - object does not exist.'] }],
    [{ name: "a", group_owners: [999_999] }, { group_owners: ['Invalid pk "999999" - object does not exist.'] }],
    [
      {
        name: "a",
        multivariate_options: [
          { string_value: "x", default_percentage_allocation: 60 },
          { string_value: "y", default_percentage_allocation: 41 },
        ],
      },
      { multivariate_options: ["Invalid percentage allocation"] },
    ],
    [
      { name: "a", multivariate_options: [{ string_value: "x", default_percentage_allocation: 101 }] },
      {
        multivariate_options: [{ default_percentage_allocation: ["Ensure this value is less than or equal to 100."] }],
      },
    ],
    [{ name: "a", type: "OTHER" }, { type: ['"OTHER" is not a valid choice.'] }],
  ])("refuses what is no feature (%#), and stores nothing of it", async (body, errors) => {
    const before = await stage.send(200, "GET", `/api/v1/projects/${project.id}/`);
    expect(await stage.send<unknown>(400, "POST", FEATURES, body)).toEqual(errors);
    expect(await stage.send(200, "GET", `/api/v1/projects/${project.id}/`)).toEqual(before);
  });
});

describe("rights", () => {
  test("CREATE_FEATURE creates and changes, DELETE_FEATURE deletes, variants need the project's administrator", async () => {
    const made = await feature();
    const one = `${FEATURES}${made.id}/`;
    const grant = (permissions: string[]) => stage.client([{ scope: "project", id: project.id, permissions }]);
    const viewer = await grant(["VIEW_PROJECT"]);
    const creator = await grant(["CREATE_FEATURE"]);
    const deleter = await grant(["DELETE_FEATURE"]);
    await stage.refuses("POST", FEATURES, { name: "r1" }, [viewer, deleter]);
    await stage.refuses("PUT", one, { description: "x" }, [viewer, deleter]);
    await stage.refuses("PATCH", one, { description: "x" }, [viewer, deleter]);
    await stage.refuses("DELETE", one, undefined, [viewer, creator]);
    expect((await creator.call("PATCH", one, { description: "by creator" })).status).toBe(200);
    expect((await viewer.call("GET", one)).status).toBe(200);
    const variants = { multivariate_options: [{ string_value: "x", default_percentage_allocation: 10 }] };
    const refused = await creator.call("POST", FEATURES, { name: "r2", ...variants });
    expect(refused).toMatchObject({
      status: 403,
      body: { detail: "User must be project admin to modify / create MV options." },
    });
    expect((await creator.call("PATCH", one, variants)).status).toBe(403);
    expect((await creator.call("POST", FEATURES, { name: "r3", multivariate_options: [] })).status).toBe(201);
    expect((await deleter.call("DELETE", one)).status).toBe(204);
  });

  test("what is another project's is not there", async () => {
    const made = await feature();
    const other = await stage.send(201, "POST", "/api/v1/projects/", { name: "q", organisation: stage.organisationId });
    const path = `/api/v1/projects/${other.id}/features/${made.id}/`;
    await stage.send(404, "GET", path);
    await stage.send(404, "PATCH", path, { description: "x" });
    await stage.send(404, "DELETE", path);
    for (const get of [FEATURES, `${FEATURES}${made.id}/`, `/api/v1/features/get-by-uuid/${made.uuid}/`]) {
      await stage.refuses("GET", get, undefined, []);
    }
    const foreignTag = await stage.send(201, "POST", `/api/v1/projects/${other.id}/tags/`, { label: "t" });
    await stage.send(400, "PATCH", `${FEATURES}${made.id}/`, { tags: [foreignTag.id] });
  });
});
