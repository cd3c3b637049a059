import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Body, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let production: Body;
let staging: Body;
let FEATURES: string;
let count = 0;

const keyOf = (body: Body): string => body["api_key"] as string;
const feature = (more: object = {}): Promise<Body> =>
  stage.send(201, "POST", FEATURES, { name: `feature_${++count}`, ...more });

beforeAll(async () => {
  stage = await createStage();
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "p", organisation: stage.organisationId });
  FEATURES = `/api/v1/projects/${project.id}/features/`;
  const environment = (name: string) => stage.send(201, "POST", "/api/v1/environments/", { name, project: project.id });
  production = await environment("production");
  staging = await environment("staging");
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

describe("changing", () => {
  test("settings change, the name and the initial value do not", async () => {
    const made = await feature({ initial_value: "a", default_enabled: true });
    const one = `${FEATURES}${made.id}/`;
    const label = await stage.send(201, "POST", `/api/v1/projects/${project.id}/tags/`, { label: "l" });
    const body = { name: "renamed", initial_value: "b", default_enabled: false, description: "d", tags: [label.id] };
    const changed = await stage.send(200, "PUT", one, body);
    expect(changed).toMatchObject({
      name: made["name"],
      initial_value: "a",
      default_enabled: true,
      description: "d",
      tags: [label.id],
    });
    expect(await stage.send(200, "PATCH", one, { description: null })).toMatchObject({
      description: null,
      tags: [label.id],
    });
    expect(await stage.send(200, "PUT", one, {})).toMatchObject({ tags: [label.id] });
    expect(await stage.send(200, "GET", `/api/v1/features/get-by-uuid/${made.uuid}/`)).toEqual(
      await stage.send(200, "GET", one),
    );
    expect(await stage.send(200, "PATCH", one, { tags: [] })).toMatchObject({ tags: [] });
  });

  test("a change of nothing leaves no trace", async () => {
    const made = await feature({ description: "same" });
    const [before] = await stage.audit();
    const revision = await stage.revision(production.id);
    await stage.send(200, "PATCH", `${FEATURES}${made.id}/`, { description: "same", is_archived: false });
    expect((await stage.audit())[0]?.id).toBe(before?.id as number);
    await stage.send(200, "PATCH", `${FEATURES}${made.id}/`, { is_archived: true });
    expect(await stage.revision(production.id)).toBe(revision);
    expect(JSON.parse((await stage.audit())[0]?.after ?? "{}")).toMatchObject({ is_archived: true });
  });

  test("a feature for servers only is kept from clients at once", async () => {
    const made = await feature();
    const name = made["name"] as string;
    expect(Object.keys(await stage.flags(keyOf(production)))).toContain(name);
    await stage.send(200, "PATCH", `${FEATURES}${made.id}/`, { is_server_key_only: true });
    expect(Object.keys(await stage.flags(keyOf(production)))).not.toContain(name);
    const keys = `/api/v1/environments/${keyOf(production)}/api-keys/`;
    const { key } = await stage.send<{ key: string }>(201, "POST", keys, { name: "k" });
    expect(Object.keys(await stage.flags(key))).toContain(name);
  });

  test("nested variants are made those of the body: ids stay, new ones come, missing ones go", async () => {
    const made = await feature({
      multivariate_options: [
        { string_value: "a", default_percentage_allocation: 30 },
        { string_value: "b", default_percentage_allocation: 30 },
      ],
    });
    const [a, b] = made["multivariate_options"] as Body[];
    const one = `${FEATURES}${made.id}/`;
    const changed = await stage.send(200, "PATCH", one, {
      multivariate_options: [
        { id: b?.id, string_value: "b2" },
        { boolean_value: true, default_percentage_allocation: 5 },
      ],
    });
    const options = changed["multivariate_options"] as Body[];
    expect(options).toMatchObject([
      { id: b?.id as number, string_value: "b2", default_percentage_allocation: 30 },
      { type: "bool", boolean_value: true, default_percentage_allocation: 5 },
    ]);
    expect(options.map((option) => option.id)).not.toContain(a?.id as number);
    await stage.send(400, "PATCH", one, { multivariate_options: [{ id: 999_999, string_value: "x" }] });
    await stage.send(400, "PATCH", one, {
      multivariate_options: [
        { string_value: "x", default_percentage_allocation: 60 },
        { string_value: "y", default_percentage_allocation: 60 },
      ],
    });
    expect(await stage.send(200, "PATCH", one, { multivariate_options: [] })).toMatchObject({
      type: "STANDARD",
      multivariate_options: [],
    });
  });
});

describe("deleting", () => {
  test("takes states, overrides and usage along, and clears the hint that identities have overrides", async () => {
    const gone = await feature({ initial_value: "x" });
    const stays = await feature();
    const environment = production.id;
    const { kysely } = stage.app.db;
    const identity = (identifier: string) => ({
      environment_id: environment,
      identifier,
      traits: "{}",
      has_overrides: 1,
      created_at: 1,
      last_seen_day: 1,
    });
    const override = (identifier: string, featureId: number) => ({
      environment_id: environment,
      identifier,
      feature_id: featureId,
      uuid: crypto.randomUUID(),
      enabled: 1,
      value: '"mine"',
      hash_seed: "1",
      variants: "[]",
      created_at: 1,
      updated_at: 1,
    });
    await kysely
      .insertInto("identities")
      .values([identity("only"), identity("both")])
      .execute();
    const overrides = [override("only", gone.id), override("both", gone.id), override("both", stays.id)];
    await kysely.insertInto("identity_overrides").values(overrides).execute();
    await kysely
      .insertInto("feature_usage")
      .values({ environment_id: environment, feature_id: gone.id, day: 1, sdk: "", enabled: 1, count: 5 })
      .execute();
    expect((await stage.identify(keyOf(production), "only"))[gone["name"] as string]?.feature_state_value).toBe("mine");
    await stage.send(204, "DELETE", `${FEATURES}${gone.id}/`);
    expect(await stage.identify(keyOf(production), "only")).not.toHaveProperty(gone["name"] as string);
    const hints = kysely.selectFrom("identities").select(["identifier", "has_overrides"]).orderBy("identifier");
    expect(await hints.where("identifier", "in", ["only", "both"]).execute()).toEqual([
      { identifier: "both", has_overrides: 1 },
      { identifier: "only", has_overrides: 0 },
    ]);
    for (const table of ["feature_states", "identity_overrides", "feature_usage"] as const) {
      const rows = kysely
        .selectFrom(table as "feature_states")
        .selectAll()
        .where("feature_id", "=", gone.id);
      expect(await rows.execute()).toEqual([]);
    }
    await stage.send(404, "GET", `${FEATURES}${gone.id}/`);
    expect((await stage.audit())[0]).toMatchObject({ action: "DELETE", object_type: "feature", after: null });
  });
});

describe("the list", () => {
  let made: Body[];
  let base: string;
  let here: Body;

  beforeAll(async () => {
    const own = await stage.send(201, "POST", "/api/v1/projects/", {
      name: "listed",
      organisation: stage.organisationId,
    });
    here = await stage.send(201, "POST", "/api/v1/environments/", { name: "e", project: own.id });
    base = `/api/v1/projects/${own.id}/features/`;
    const label = await stage.send(201, "POST", `/api/v1/projects/${own.id}/tags/`, { label: "one" });
    const second = await stage.send(201, "POST", `/api/v1/projects/${own.id}/tags/`, {
      label: "two",
      is_permanent: true,
    });
    made = [];
    for (const body of [
      { name: "Alpha", initial_value: "Needle in hay", default_enabled: true, tags: [label.id, second.id] },
      { name: "beta_100%", initial_value: "42", tags: [label.id] },
      { name: "gamma", initial_value: 'a "quoted" one', is_archived: true },
      { name: "delta", type: "MULTIVARIATE", initial_value: "true" },
    ]) {
      made.push(await stage.send(201, "POST", base, body));
    }
    labels = [label.id, second.id];
  });
  let labels: number[];

  const names = async (query: string): Promise<unknown[]> =>
    (await stage.send<PageBody>(200, "GET", `${base}${query}`)).results.map((row) => row["name"]);

  test.each([
    ["", ["Alpha", "beta_100%", "gamma", "delta"]],
    ["?sort_direction=DESC", ["delta", "gamma", "beta_100%", "Alpha"]],
    ["?sort_field=name", ["Alpha", "beta_100%", "delta", "gamma"]],
    ["?search=ALP", ["Alpha"]],
    ["?search=0%25", ["beta_100%"]],
    ["?search=_1", ["beta_100%"]],
    ["?search=e_a", []],
    ["?is_archived=true", ["gamma"]],
    ["?is_archived=false", ["Alpha", "beta_100%", "delta"]],
    ["?type=MULTIVARIATE", ["delta"]],
    ["?tags=", ["gamma", "delta"]],
    ["?page_size=1&page=2", ["beta_100%"]],
  ])("%s shows %j", async (query, expected) => {
    expect(await names(query)).toEqual(expected);
  });

  test("tags narrow by all or by any", async () => {
    expect(await names(`?tags=${labels}`)).toEqual(["Alpha"]);
    expect(await names(`?tags=${labels}&tag_strategy=UNION`)).toEqual(["Alpha", "beta_100%"]);
    expect(await stage.send<unknown>(400, "GET", `${base}?tags=x`)).toEqual({ tags: ["Tag IDs must be integers."] });
  });

  test("values and switches are searched in an environment", async () => {
    const at = `environment=${here.id}`;
    expect(await names(`?${at}&value_search=NEEDLE`)).toEqual(["Alpha"]);
    expect(await names(`?${at}&value_search=42`)).toEqual(["beta_100%"]);
    expect(await names(`?${at}&value_search=4`)).toEqual([]);
    expect(await names(`?${at}&value_search=True`)).toEqual(["delta"]);
    expect(await names(`?${at}&value_search=%22quoted%22`)).toEqual(["gamma"]);
    expect(await names(`?${at}&is_enabled=true`)).toEqual(["Alpha"]);
    expect(await names(`?${at}&is_enabled=false&value_search=42`)).toEqual(["beta_100%"]);
    expect(await names(`?${at}&is_enabled=null`)).toHaveLength(4);
    expect(await stage.send<unknown>(400, "GET", `${base}?is_enabled=true`)).toEqual([
      "Environment is required in order to filter by state search or by state enabled",
    ]);
  });

  test("an environment adds its states and counts", async () => {
    const { results } = await stage.send<PageBody>(200, "GET", `${base}?environment=${here.id}&search=alpha`);
    expect(results[0]).toMatchObject({
      environment_feature_state: {
        enabled: true,
        feature_state_value: "Needle in hay",
        environment: here.id,
        identity: null,
      },
      segment_feature_state: null,
      num_segment_overrides: 0,
      num_identity_overrides: 0,
      lifecycle_stage: "permanent",
    });
    expect(results[0]?.["last_modified_in_current_environment"]).toMatch(/Z$/);
    await stage.send(404, "GET", `${base}?environment=${production.id}`);
    expect((await stage.stranger.call("GET", `${base}?environment=${here.id}`)).status).toBe(404);
  });

  test("stages tell new, used and forgotten features apart", async () => {
    const { kysely } = stage.app.db;
    const [alpha, beta, gamma, delta] = made as [Body, Body, Body, Body];
    const old = Date.now() - 40 * 86_400_000;
    await kysely
      .updateTable("feature_states")
      .set({ updated_at: old })
      .where("feature_id", "in", [alpha.id, gamma.id, delta.id])
      .execute();
    const today = Math.floor(Date.now() / 86_400_000);
    const usage = (id: number) => ({
      environment_id: here.id,
      feature_id: id,
      day: today,
      sdk: "",
      enabled: 1,
      count: 1,
    });
    await kysely
      .insertInto("feature_usage")
      .values([usage(beta.id), usage(gamma.id)])
      .execute();
    const at = `?environment=${here.id}&lifecycle_stage=`;
    expect(await names(`${at}permanent`)).toEqual(["Alpha"]);
    expect(await names(`${at}live`)).toEqual(["beta_100%"]);
    expect(await names(`${at}needs_monitoring`)).toEqual(["gamma"]);
    expect(await names(`${at}to_remove`)).toEqual(["delta"]);
    expect(await names(`${at}new`)).toEqual([]);
    expect(await stage.send<unknown>(400, "GET", `${base}${at}lost`)).toEqual({
      lifecycle_stage: ['"lost" is not a valid choice.'],
    });
  });

  test("what an identity overrides comes first", async () => {
    const { kysely } = stage.app.db;
    const delta = made[3] as Body;
    const values = {
      environment_id: here.id,
      identifier: "ana",
      traits: "{}",
      has_overrides: 1,
      created_at: 1,
      last_seen_day: 1,
    };
    const identity = await kysely.insertInto("identities").values(values).returning("id").executeTakeFirstOrThrow();
    await kysely
      .insertInto("identity_overrides")
      .values({
        environment_id: here.id,
        identifier: "ana",
        feature_id: delta.id,
        uuid: crypto.randomUUID(),
        enabled: 1,
        value: "1",
        hash_seed: "1",
        variants: "[]",
        created_at: 1,
        updated_at: 1,
      })
      .execute();
    expect((await names(`?environment=${here.id}&identity=${identity.id}`))[0]).toBe("delta");
    expect((await names(`?environment=${here.id}&identity=nobody`))[0]).toBe("Alpha");
  });
});

describe("owners", () => {
  let user: number;
  let group: number;
  let one: string;

  beforeAll(async () => {
    const { kysely } = stage.app.db;
    const values = {
      uuid: crypto.randomUUID(),
      email: "owner@example.com",
      first_name: "O",
      last_name: "W",
      sign_up_type: null,
      is_active: 1,
      created_at: 1,
      last_login_at: null,
    };
    user = (await kysely.insertInto("users").values(values).returning("id").executeTakeFirstOrThrow()).id;
    const member = { organisation_id: stage.organisationId, user_id: user, role: "USER" as const, joined_at: 1 };
    await kysely.insertInto("organisation_members").values(member).execute();
    const made = { organisation_id: stage.organisationId, name: "g", is_default: 0, external_id: null };
    group = (await kysely.insertInto("groups").values(made).returning("id").executeTakeFirstOrThrow()).id;
  });
  beforeEach(async () => {
    one = `${FEATURES}${(await feature()).id}/`;
  });

  test("come and go, people and groups, and are told to the audit log", async () => {
    expect(await stage.send(200, "POST", `${one}add-owners/`, { user_ids: [user] })).toMatchObject({
      owners: [{ id: user, email: "owner@example.com", last_login: null }],
    });
    expect(await stage.send(200, "POST", `${one}add-group-owners/`, { group_ids: [group, group] })).toMatchObject({
      owners: [{ id: user }],
      group_owners: [{ id: group, name: "g" }],
    });
    expect((await stage.audit())[0]).toMatchObject({ action: "UPDATE", object_type: "feature" });
    expect(await stage.send(200, "GET", one)).toMatchObject({ owners: [{ id: user }], group_owners: [{ id: group }] });
    const listed = async (query: string) => (await stage.send<PageBody>(200, "GET", `${FEATURES}?${query}`)).count;
    expect(await listed(`owners=${user}`)).toBe(1);
    expect(await listed(`group_owners=${group}&owners=999`)).toBe(1);
    expect(await listed("owners=999")).toBe(0);
    await stage.send(200, "POST", `${one}remove-owners/`, { user_ids: [user, 999] });
    expect(await stage.send(200, "POST", `${one}remove-group-owners/`, { group_ids: [group] })).toMatchObject({
      owners: [],
      group_owners: [],
    });
  });

  test("are members and groups of the organisation, and needed where the project says so", async () => {
    expect(await stage.send<unknown>(400, "POST", `${one}add-owners/`, { user_ids: [999] })).toEqual([
      "Some users not found",
    ]);
    expect(await stage.send<unknown>(400, "POST", `${one}add-group-owners/`, { group_ids: [999] })).toEqual([
      "Some groups not found",
    ]);
    expect(await stage.send<unknown>(400, "POST", `${one}add-owners/`, {})).toEqual({
      user_ids: ["This field is required."],
    });
    await stage.send(200, "PATCH", `/api/v1/projects/${project.id}/`, { enforce_feature_owners: true });
    expect(await stage.send<unknown>(400, "POST", FEATURES, { name: "ownerless" })).toEqual({
      owners: ["At least one owner or group owner is required."],
    });
    expect(await feature({ group_owners: [group] })).toMatchObject({ group_owners: [{ id: group }] });
    await stage.send(200, "PATCH", `/api/v1/projects/${project.id}/`, { enforce_feature_owners: false });
  });

  test("need the right to change features", async () => {
    const viewer = await stage.client([{ scope: "project", id: project.id, permissions: ["VIEW_PROJECT"] }]);
    for (const [action, body] of [
      ["add-owners", { user_ids: [user] }],
      ["remove-owners", { user_ids: [user] }],
      ["add-group-owners", { group_ids: [group] }],
      ["remove-group-owners", { group_ids: [group] }],
    ] as const) {
      await stage.refuses("POST", `${one}${action}/`, body, [viewer]);
      await stage.send(404, "POST", `${FEATURES}999999/${action}/`, body);
    }
  });
});

test("evaluations are added up a day and SDK", async () => {
  const made = await feature();
  const today = Math.floor(Date.now() / 86_400_000);
  const row = (day: number, sdk: string, enabled: number, count: number) => ({
    environment_id: production.id,
    feature_id: made.id,
    day,
    sdk,
    enabled,
    count,
  });
  await stage.app.db.kysely
    .insertInto("feature_usage")
    .values([row(today, "js/1", 1, 3), row(today, "js/1", 0, 4), row(today, "", -1, 5), row(today - 40, "js/1", 1, 9)])
    .execute();
  const path = `${FEATURES}${made.id}/evaluation-data/`;
  const day = new Date(today * 86_400_000).toISOString().slice(0, 10);
  const labels = { client_application_name: null, client_application_version: null };
  expect(await stage.send<unknown>(200, "GET", `${path}?environment_id=${production.id}`)).toEqual([
    { day, count: 5, labels: { ...labels, user_agent: null } },
    { day, count: 7, labels: { ...labels, user_agent: "js/1" } },
  ]);
  expect(await stage.send<unknown[]>(200, "GET", `${path}?environment_id=${production.id}&period=60`)).toHaveLength(3);
  await stage.send(400, "GET", path);
  await stage.send(404, "GET", `${path}?environment_id=999999`);
  await stage.refuses("GET", `${path}?environment_id=${production.id}`, undefined, []);
});
