import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Body, createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let ONE: string;

const PROJECTS = "/api/v1/projects/";

beforeAll(async () => {
  stage = await createStage();
  project = await stage.send(201, "POST", PROJECTS, { name: "first", organisation: stage.organisationId });
  ONE = `${PROJECTS}${project.id}/`;
});
afterAll(() => stage.close());

describe("creating", () => {
  test("a project starts with Flagsmith's settings", () => {
    expect(project).toMatchObject({
      name: "first",
      organisation: stage.organisationId,
      hide_disabled_flags: false,
      prevent_flag_defaults: false,
      only_allow_lower_case_feature_names: true,
      feature_name_regex: null,
      stale_flags_limit_days: 30,
      minimum_change_request_approvals: null,
      enforce_feature_owners: false,
      use_edge_identities: false,
    });
    expect(project.uuid).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("it is told to the audit log", async () => {
    const [row] = await stage.audit();
    expect(row).toMatchObject({
      action: "CREATE",
      object_type: "project",
      object_id: String(project.id),
      organisation_id: stage.organisationId,
      project_id: project.id,
      before: null,
    });
  });

  test("names are unique in an organisation", async () => {
    const body = { name: "first", organisation: stage.organisationId };
    expect(await stage.send<unknown>(400, "POST", PROJECTS, body)).toEqual({
      non_field_errors: ["A project with this name already exists."],
    });
    const second = await stage.send(201, "POST", PROJECTS, { ...body, name: "second" });
    await stage.send(400, "PATCH", `${PROJECTS}${second.id}/`, { name: "first" });
    await stage.send(200, "PATCH", `${PROJECTS}${second.id}/`, { name: "second" });
    await stage.send(204, "DELETE", `${PROJECTS}${second.id}/`);
  });

  test("another organisation is as good as none, and credentials are needed", async () => {
    const body = { name: "x", organisation: stage.stranger.organisationId };
    expect(await stage.send<unknown>(400, "POST", PROJECTS, body)).toEqual({
      organisation: [`Invalid pk "${body.organisation}" - object does not exist.`],
    });
    const anonymous = await stage.app.request(PROJECTS, { method: "POST", body: JSON.stringify(body) });
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get("www-authenticate")).toBe("Token");
  });

  test("who may create becomes the administrator of what it created, unless only administrators may create", async () => {
    const creator = await stage.client([
      { scope: "organisation", id: stage.organisationId, permissions: ["CREATE_PROJECT"] },
    ]);
    const plain = await stage.client([]);
    const body = { name: "by creator", organisation: stage.organisationId };
    expect((await plain.call("POST", PROJECTS, body)).status).toBe(403);
    const made = await creator.call("POST", PROJECTS, body);
    expect(made.status).toBe(201);
    const path = `${PROJECTS}${(made.body as Body).id}/`;
    expect((await creator.call("PATCH", path, { name: "renamed" })).status).toBe(200);
    expect((await plain.call("GET", path)).status).toBe(404);
    expect((await creator.call("GET", ONE)).status).toBe(404);
    await stage.send(200, "PATCH", `/api/v1/organisations/${stage.organisationId}/`, {
      restrict_project_create_to_admin: true,
    });
    expect((await creator.call("POST", PROJECTS, { ...body, name: "again" })).status).toBe(403);
    expect((await creator.call("DELETE", path)).status).toBe(204);
    const grants = stage.app.db.kysely.selectFrom("permission_grants").selectAll().where("scope_type", "=", "project");
    expect(await grants.execute()).toEqual([]);
  });
});

describe("reading", () => {
  test("one by number and by uuid, with limits and totals", async () => {
    const one = await stage.send(200, "GET", ONE);
    expect(one).toMatchObject({
      max_features_allowed: 1000,
      max_segments_allowed: 500,
      max_segment_overrides_allowed: 2000,
      total_features: 0,
      total_segments: 0,
      use_edge_identities: false,
    });
    expect(await stage.send(200, "GET", `${PROJECTS}get-by-uuid/${project.uuid}/`)).toEqual(one);
  });

  test("the list is a bare array of what the caller may see, by organisation and uuid", async () => {
    const ids = async (query = "") =>
      (await stage.send<Body[]>(200, "GET", `${PROJECTS}${query}`)).map((row) => row.id);
    expect(await ids()).toEqual([project.id]);
    expect(await ids(`?organisation=${stage.organisationId}&page_size=999`)).toEqual([project.id]);
    expect(await ids(`?organisation=${stage.stranger.organisationId}`)).toEqual([]);
    expect(await ids(`?uuid=${project.uuid}`)).toEqual([project.id]);
    expect(await ids(`?uuid=${crypto.randomUUID()}`)).toEqual([]);
    const own = await stage.send<Body[]>(200, "GET", `/api/v1/organisations/${stage.organisationId}/projects/`);
    expect(own.map((row) => row.id)).toEqual([project.id]);
    expect((await stage.stranger.call("GET", PROJECTS)).body).toEqual([]);
  });

  test("its environments are listed as far as the caller may see them", async () => {
    const shown = await stage.send(201, "POST", "/api/v1/environments/", { name: "shown", project: project.id });
    await stage.send(201, "POST", "/api/v1/environments/", { name: "hidden", project: project.id });
    const viewer = await stage.client([
      { scope: "project", id: project.id, permissions: ["VIEW_PROJECT"] },
      { scope: "environment", id: shown.id, permissions: ["VIEW_ENVIRONMENT"] },
    ]);
    const answer = await viewer.call("GET", `${ONE}environments/`);
    expect(answer.body).toEqual([
      { id: shown.id, name: "shown", api_key: shown["api_key"] as string, project: project.id },
    ]);
    await stage.refuses("GET", `${ONE}environments/`, undefined, []);
  });

  test("what is not the caller's is not there", async () => {
    for (const path of [ONE, `${PROJECTS}get-by-uuid/${project.uuid}/`])
      await stage.refuses("GET", path, undefined, []);
    for (const path of ["999999/", "x/", "-1/", "99999999999999/"]) await stage.send(404, "GET", `${PROJECTS}${path}`);
    await stage.refuses("GET", `/api/v1/organisations/${stage.organisationId}/projects/`, undefined, []);
  });
});

describe("changing", () => {
  test("a setting that SDKs notice reaches them at once, any other moves no revision", async () => {
    const environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "live", project: project.id });
    const key = environment["api_key"] as string;
    await stage.send(201, "POST", `${ONE}features/`, { name: "dark" });
    expect(Object.keys(await stage.flags(key))).toEqual(["dark"]);
    await stage.send(200, "PATCH", ONE, { hide_disabled_flags: true });
    expect(await stage.flags(key)).toEqual({});
    const revision = await stage.revision(environment.id);
    await stage.send(200, "PATCH", ONE, { stale_flags_limit_days: 7, max_features_allowed: 2000 });
    expect(await stage.revision(environment.id)).toBe(revision);
    expect(await stage.send(200, "PUT", ONE, { name: "first" })).toMatchObject({
      hide_disabled_flags: true,
      stale_flags_limit_days: 7,
    });
    await stage.send(200, "PATCH", ONE, { hide_disabled_flags: false });
  });

  test.each([
    [{ name: null }, { name: ["This field may not be null."] }],
    [{ feature_name_regex: "(" }, { feature_name_regex: ["Not a valid regular expression."] }],
    [
      { feature_name_regex: "a".repeat(256) },
      { feature_name_regex: ["Ensure this field has no more than 255 characters."] },
    ],
    [{ hide_disabled_flags: 7 }, { hide_disabled_flags: ["Must be a valid boolean."] }],
    [{ max_features_allowed: 20_001 }, { max_features_allowed: ["Ensure this value is less than or equal to 20000."] }],
  ])("refuses bad settings (%#)", async (body, errors) => {
    expect(await stage.send<unknown>(400, "PATCH", ONE, body)).toEqual(errors);
  });

  test("a put needs the name; an empty pattern is none", async () => {
    expect(await stage.send<unknown>(400, "PUT", ONE, {})).toEqual({ name: ["This field is required."] });
    expect(await stage.send(200, "PATCH", ONE, { feature_name_regex: "[a-z_]+" })).toMatchObject({
      feature_name_regex: "[a-z_]+",
    });
    expect(await stage.send(200, "PATCH", ONE, { feature_name_regex: "" })).toMatchObject({ feature_name_regex: null });
  });

  test("only its administrators may change or delete it", async () => {
    const member = await stage.client([
      { scope: "project", id: project.id, permissions: ["VIEW_PROJECT", "CREATE_FEATURE", "CREATE_ENVIRONMENT"] },
    ]);
    for (const [method, body] of [
      ["PUT", { name: "y" }],
      ["PATCH", { name: "y" }],
      ["DELETE", undefined],
    ] as const) {
      await stage.refuses(method, ONE, body, [member]);
    }
    const administrator = await stage.client([{ scope: "project", id: project.id, isAdmin: true }]);
    expect((await administrator.call("PATCH", ONE, { stale_flags_limit_days: 8 })).status).toBe(200);
  });
});

test("deleting a project takes everything along and its keys stop working", async () => {
  const gone = await stage.send(201, "POST", PROJECTS, { name: "gone", organisation: stage.organisationId });
  const environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "e", project: gone.id });
  const key = environment["api_key"] as string;
  await stage.send(201, "POST", `${PROJECTS}${gone.id}/features/`, { name: "f" });
  await stage.flags(key);
  await stage.client([{ scope: "environment", id: environment.id, permissions: ["VIEW_ENVIRONMENT"] }]);
  await stage.send(204, "DELETE", `${PROJECTS}${gone.id}/`);
  await stage.send(404, "GET", `${PROJECTS}${gone.id}/`);
  expect((await stage.app.request("/api/v1/flags/", { headers: { "X-Environment-Key": key } })).status).toBe(403);
  for (const [table, column] of [
    ["features", "project_id"],
    ["environments", "project_id"],
  ] as const) {
    const rows = stage.app.db.kysely
      .selectFrom(table as "features")
      .selectAll()
      .where(column, "=", gone.id);
    expect(await rows.execute()).toEqual([]);
  }
  const grants = stage.app.db.kysely.selectFrom("permission_grants").selectAll().where("scope_id", "=", environment.id);
  expect(await grants.where("scope_type", "=", "environment").execute()).toEqual([]);
  expect((await stage.audit())[0]).toMatchObject({
    action: "DELETE",
    object_type: "project",
    object_id: String(gone.id),
  });
});
