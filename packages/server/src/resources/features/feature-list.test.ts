/** Features are found: by name, tags, values, switches and stages; and how often they were evaluated. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createFeatureStage, type FeatureStage } from "../../testing/feature-stage.ts";
import type { Body, PageBody, Stage } from "../../testing/index.ts";

let stage: Stage;
let production: Body;
let FEATURES: string;
let feature: FeatureStage["feature"];

beforeAll(async () => {
  ({ stage, production, FEATURES, feature } = await createFeatureStage());
});
afterAll(() => stage.close());

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
