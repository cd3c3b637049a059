/** Environments come, are read and change. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Body, callWith, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let environment: Body;
let ONE: string;

const LIST = "/api/v1/environments/";
const keyOf = (body: Body): string => body["api_key"] as string;

beforeAll(async () => {
  stage = await createStage();
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  await stage.send(201, "POST", `/api/v1/projects/${project.id}/features/`, {
    name: "banner",
    initial_value: "12",
    default_enabled: true,
  });
  environment = await stage.send(201, "POST", LIST, { name: "production", project: project.id });
  ONE = `${LIST}${keyOf(environment)}/`;
});
afterAll(() => stage.close());

describe("creating", () => {
  test("an environment starts with Flagsmith's settings and a state of every feature", async () => {
    expect(environment).toMatchObject({
      name: "production",
      project: project.id,
      description: null,
      allow_client_traits: true,
      hide_disabled_flags: null,
      hide_sensitive_data: false,
      use_identity_composite_key_for_hashing: true,
      use_mv_v2_evaluation: true,
      use_v2_feature_versioning: false,
      use_identity_overrides_in_local_eval: true,
      minimum_change_request_approvals: null,
      is_creating: false,
      metadata: [],
    });
    expect(keyOf(environment)).toMatch(/^[\w-]{22}$/);
    expect(await stage.flags(keyOf(environment))).toEqual({ banner: { enabled: true, feature_state_value: 12 } });
    expect(await stage.revision(environment.id)).toBe(1);
    const row = (await stage.audit(1))[0];
    expect(row).toMatchObject({
      action: "CREATE",
      object_type: "environment",
      environment_id: environment.id,
      revision: 1,
    });
  });

  test("hash seeds are the states' own ids", async () => {
    const states = stage.app.db.kysely
      .selectFrom("feature_states")
      .selectAll()
      .where("environment_id", "=", environment.id);
    for (const state of await states.execute()) expect(state.hash_seed).toBe(String(state.id));
  });

  test("a project may forbid defaults: features then start off and empty", async () => {
    await stage.send(200, "PATCH", `/api/v1/projects/${project.id}/`, { prevent_flag_defaults: true });
    const bare = await stage.send(201, "POST", LIST, { name: "bare", project: project.id });
    expect(await stage.flags(keyOf(bare))).toEqual({ banner: { enabled: false, feature_state_value: null } });
    await stage.send(200, "PATCH", `/api/v1/projects/${project.id}/`, { prevent_flag_defaults: false });
    await stage.send(204, "DELETE", `${LIST}${keyOf(bare)}/`);
  });

  test("names are unique in a project, keys everywhere", async () => {
    expect(await stage.send<unknown>(400, "POST", LIST, { name: "production", project: project.id })).toEqual({
      non_field_errors: ["An environment with this name already exists."],
    });
    const body = { name: "keyed", project: project.id, api_key: "my.Own_key-1" };
    const keyed = await stage.send(201, "POST", LIST, body);
    expect(keyOf(keyed)).toBe("my.Own_key-1");
    expect(await stage.send<unknown>(400, "POST", LIST, { ...body, name: "again" })).toEqual({
      api_key: ["environment with this api key already exists."],
    });
    await stage.send(204, "DELETE", `${LIST}my.Own_key-1/`);
  });

  test.each([
    [{ project: 1 }, { name: ["This field is required."] }],
    [{ name: "x" }, { project: ["This field is required."] }],
    [{ name: "x", project: 999_999 }, { project: ['Invalid pk "999999" - object does not exist.'] }],
    [{ name: "x", project: 1, api_key: "ser.x" }, { api_key: ["A client-side key must not begin with “ser.”."] }],
    [
      { name: "x", project: 1, api_key: "a/b" },
      { api_key: ["Only letters, digits, dots, underscores, tildes and hyphens are allowed."] },
    ],
    [
      { name: "x", project: 1, banner_colour: "#1234567" },
      { banner_colour: ["Ensure this field has no more than 7 characters."] },
    ],
    [{ name: "x", project: 1, hide_disabled_flags: "perhaps" }, { hide_disabled_flags: ["Must be a valid boolean."] }],
  ])("refuses what is no environment (%#)", async (body, errors) => {
    expect(await stage.send<unknown>(400, "POST", LIST, body)).toEqual(errors);
  });

  test("CREATE_ENVIRONMENT creates, and its holder administers what it created", async () => {
    const creator = await stage.client([{ scope: "project", id: project.id, permissions: ["CREATE_ENVIRONMENT"] }]);
    const viewer = await stage.client([{ scope: "project", id: project.id, permissions: ["VIEW_PROJECT"] }]);
    const body = { name: "mine", project: project.id };
    expect((await viewer.call("POST", LIST, body)).status).toBe(403);
    expect((await stage.stranger.call("POST", LIST, body)).status).toBe(400);
    expect((await callWith(stage.app.request, undefined, "POST", LIST, body)).status).toBe(401);
    const made = await creator.call("POST", LIST, body);
    expect(made.status).toBe(201);
    const path = `${LIST}${keyOf(made.body as Body)}/`;
    expect((await creator.call("PATCH", path, { description: "d" })).status).toBe(200);
    expect((await creator.call("PATCH", ONE, { description: "d" })).status).toBe(404);
    expect((await creator.call("DELETE", path)).status).toBe(204);
  });
});

describe("reading", () => {
  test("the list needs a project that the caller may see", async () => {
    const list = await stage.send<PageBody>(200, "GET", `${LIST}?project=${project.id}&page_size=999`);
    expect(list.results.map((row) => row.id)).toEqual([environment.id]);
    const refusal = ["Invalid or missing value for project parameter."];
    expect(await stage.send<unknown>(400, "GET", LIST)).toEqual(refusal);
    expect((await stage.stranger.call("GET", `${LIST}?project=${project.id}`)).body).toEqual(refusal);
    const viewer = await stage.client([{ scope: "project", id: project.id, permissions: ["VIEW_PROJECT"] }]);
    expect((await viewer.call("GET", `${LIST}?project=${project.id}`)).body).toMatchObject({ count: 0, results: [] });
  });

  test("one by key and by uuid, with the number of segment overrides", async () => {
    const one = await stage.send(200, "GET", ONE);
    expect(one).toEqual({ ...environment, total_segment_overrides: 0 });
    expect(await stage.send(200, "GET", `${LIST}get-by-uuid/${environment.uuid}/`)).toEqual(one);
    for (const path of [ONE, `${LIST}get-by-uuid/${environment.uuid}/`, `${ONE}metrics/`]) {
      await stage.refuses("GET", path, undefined, []);
    }
    await stage.send(404, "GET", `${LIST}none/`);
  });

  test("metrics count features and overrides", async () => {
    const { metrics } = await stage.send<{ metrics: { name: string; value: number }[] }>(200, "GET", `${ONE}metrics/`);
    expect(metrics.map(({ name, value }) => [name, value])).toEqual([
      ["total_features", 1],
      ["enabled_features", 1],
      ["segment_overrides", 0],
      ["identity_overrides", 0],
    ]);
  });

  test("the document is what an SDK gets, for administrators of the environment", async () => {
    const viewer = await stage.client([
      { scope: "environment", id: environment.id, permissions: ["VIEW_ENVIRONMENT"] },
    ]);
    await stage.refuses("GET", `${ONE}document/`, undefined, [viewer]);
    const { key } = await stage.send<{ key: string }>(201, "POST", `${ONE}api-keys/`, { name: "k" });
    const headers = { "X-Environment-Key": key };
    const sdk: unknown = await (await stage.app.request("/api/v1/environment-document/", { headers })).json();
    expect(await stage.send<unknown>(200, "GET", `${ONE}document/`)).toEqual(sdk);
  });
});

describe("changing", () => {
  test("a setting reaches the SDKs at once", async () => {
    await stage.send(200, "PATCH", ONE, { hide_disabled_flags: true });
    const revision = await stage.revision(environment.id);
    expect(await stage.send(200, "PATCH", ONE, { hide_disabled_flags: true })).toMatchObject({
      hide_disabled_flags: true,
    });
    expect(await stage.revision(environment.id)).toBe(revision);
    expect(await stage.send(200, "PATCH", ONE, { hide_disabled_flags: null })).toMatchObject({
      hide_disabled_flags: null,
    });
    const [row] = await stage.audit();
    expect(row).toMatchObject({ action: "UPDATE", object_type: "environment", revision: revision + 1 });
    expect(JSON.parse(row?.before ?? "{}")).toMatchObject({ hide_disabled_flags: true });
  });

  test("a put needs the name and leaves the rest; the project cannot be changed", async () => {
    await stage.send(200, "PATCH", ONE, { description: "main", minimum_change_request_approvals: 2 });
    expect(await stage.send(200, "PUT", ONE, { name: "production", project: 999 })).toMatchObject({
      description: "main",
      project: project.id,
      minimum_change_request_approvals: 2,
    });
    expect(await stage.send<unknown>(400, "PUT", ONE, {})).toEqual({ name: ["This field is required."] });
    await stage.send(200, "PATCH", ONE, { minimum_change_request_approvals: null });
  });

  test("a new client-side key works at once and the old one no more", async () => {
    const made = await stage.send(201, "POST", LIST, { name: "moving", project: project.id });
    await stage.flags(keyOf(made));
    await stage.send(200, "PATCH", `${LIST}${keyOf(made)}/`, { api_key: "movedKey" });
    expect(Object.keys(await stage.flags("movedKey"))).toEqual(["banner"]);
    const old = await stage.app.request("/api/v1/flags/", { headers: { "X-Environment-Key": keyOf(made) } });
    expect(old.status).toBe(403);
    await stage.send(204, "DELETE", `${LIST}movedKey/`);
    const gone = await stage.app.request("/api/v1/flags/", { headers: { "X-Environment-Key": "movedKey" } });
    expect(gone.status).toBe(403);
    expect((await stage.audit())[0]).toMatchObject({ action: "DELETE", object_type: "environment", revision: null });
  });

  test("only its administrators may change, delete or clone it", async () => {
    const viewer = await stage.client([
      { scope: "environment", id: environment.id, permissions: ["VIEW_ENVIRONMENT", "UPDATE_FEATURE_STATE"] },
    ]);
    await stage.refuses("PUT", ONE, { name: "x" }, [viewer]);
    await stage.refuses("PATCH", ONE, { name: "x" }, [viewer]);
    await stage.refuses("DELETE", ONE, undefined, [viewer]);
    for (const action of ["enable-v2-versioning", "disable-v2-versioning"]) {
      await stage.refuses("POST", `${ONE}${action}/`, {}, [viewer]);
      await stage.send(202, "POST", `${ONE}${action}/`, {});
    }
    expect(await stage.send(200, "GET", ONE)).toMatchObject({ use_v2_feature_versioning: false });
    const projectViewer = await stage.client([
      { scope: "project", id: project.id, permissions: ["VIEW_PROJECT"] },
      { scope: "environment", id: environment.id, permissions: ["VIEW_ENVIRONMENT"] },
    ]);
    await stage.refuses("POST", `${ONE}clone/`, { name: "c" }, [projectViewer]);
  });
});
