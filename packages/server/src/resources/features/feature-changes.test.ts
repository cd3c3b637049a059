/** Features change, and go with all that hangs on them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createFeatureStage, type FeatureStage, keyOf } from "../../testing/feature-stage.ts";
import type { Body, Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let production: Body;
let FEATURES: string;
let feature: FeatureStage["feature"];

beforeAll(async () => {
  ({ stage, project, production, FEATURES, feature } = await createFeatureStage());
});
afterAll(() => stage.close());

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
    expect(await stage.revision(production.id)).toBe(revision);
    // Served as before, but a change: whoever shows flags has to look again.
    await stage.send(200, "PATCH", `${FEATURES}${made.id}/`, { is_archived: true });
    expect(await stage.revision(production.id)).toBeGreaterThan(revision);
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
