import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { BASE, body, createIdentityStage, type IdentityStage } from "../../testing/identity-stage.ts";
import type { AdminClient, TestApp } from "../../testing/index.ts";

let app: TestApp;
let admin: AdminClient;
let stranger: AdminClient;
let viewer: AdminClient;
let create: IdentityStage["create"];
let flagOf: IdentityStage["flagOf"];

beforeAll(async () => {
  ({ app, admin, stranger, viewer, create, flagOf } = await createIdentityStage());
});
afterAll(() => app.close());

describe("overrides", () => {
  test("reach the running SDK call, say so in the audit log, and move the revision", async () => {
    const id = await create("ana");
    const before = (await app.app.documents.get(1))?.revision ?? 0;
    const made = await admin.call("POST", `${BASE}${id}/featurestates/`, {
      feature: 1,
      enabled: true,
      feature_state_value: 42,
    });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      feature: 1,
      enabled: true,
      feature_state_value: 42,
      identity: id,
      environment: 1,
    });
    expect(await flagOf("ana", "one")).toMatchObject({ enabled: true, feature_state_value: 42 });
    expect((await app.app.documents.get(1))?.revision).toBe(before + 1);
    const log = body<{ results: { log: string; actor: string }[] }>(
      await admin.call("GET", "/api/v1/projects/1/audit/?environments=1&identity=ana"),
    ).results;
    expect(log.map((row) => row.log)).toEqual(["Override of one set for identity ana", "Identity created: ana"]);
    expect(log[0]?.actor).toBe(`key:${admin.keyId}`);
    const override = body<{ id: number }>(made).id;
    const changed = await admin.call("PUT", `${BASE}${id}/featurestates/${override}/`, { enabled: false });
    expect(changed.body).toMatchObject({ enabled: false, feature_state_value: 42 });
    expect((await admin.call("DELETE", `${BASE}${id}/featurestates/${override}/`)).status).toBe(204);
    expect(await flagOf("ana", "one")).toMatchObject({ enabled: false, feature_state_value: "default" });
  });

  test("pin a variant", async () => {
    const id = await create("pinned");
    const variants = [{ multivariate_feature_option: 2, percentage_allocation: 100 }];
    const made = await admin.call("POST", `${BASE}${id}/featurestates/`, {
      feature: 3,
      enabled: true,
      multivariate_feature_state_values: variants,
    });
    expect(made.status).toBe(201);
    expect(await flagOf("pinned", "three")).toMatchObject({ feature_state_value: "b", variant: "b" });
  });

  test("of another project's feature, another feature's option, too much or twice are refused", async () => {
    const id = await create("refused");
    const path = `${BASE}${id}/featurestates/`;
    expect((await admin.call("POST", path, { feature: 4, enabled: true })).status).toBe(400);
    const option_ = (n: number, percentage_allocation: number) => ({
      multivariate_feature_option: n,
      percentage_allocation,
    });
    expect(
      (await admin.call("POST", path, { feature: 1, multivariate_feature_state_values: [option_(1, 10)] })).status,
    ).toBe(400);
    expect(
      (
        await admin.call("POST", path, {
          feature: 3,
          multivariate_feature_state_values: [option_(1, 60), option_(2, 60)],
        })
      ).status,
    ).toBe(400);
    expect((await admin.call("POST", path, { feature: 1, feature_state_value: "x".repeat(20_001) })).status).toBe(400);
    expect((await admin.call("POST", path, { feature: 1 })).status).toBe(201);
    expect((await admin.call("POST", path, { feature: 1 })).status).toBe(400);
  });

  test("are shown with their source among all features, and cloned whole", async () => {
    const [from, to] = [await create("source"), await create("target")];
    await admin.call("POST", `${BASE}${from}/traits/`, {
      trait_key: "plan",
      value_type: "unicode",
      string_value: "pro",
    });
    await admin.call("POST", `${BASE}${from}/featurestates/`, { feature: 1, enabled: true, feature_state_value: "s" });
    await admin.call("POST", `${BASE}${to}/featurestates/`, { feature: 2, enabled: true });
    const all = body<{ feature: { name: string }; overridden_by: unknown; segment: unknown }[]>(
      await admin.call("GET", `${BASE}${from}/featurestates/all/`),
    );
    expect(all.map((flag) => [flag.feature.name, flag.overridden_by])).toEqual([
      ["one", "IDENTITY"],
      ["two", "SEGMENT"],
      ["three", null],
    ]);
    expect(all[1]?.segment).toEqual({ id: 1, name: "pros" });
    const cloned = await admin.call("POST", `${BASE}${to}/featurestates/clone-from-given-identity/`, {
      source_identity_id: from,
    });
    expect(cloned.status).toBe(200);
    expect(await flagOf("target", "one")).toMatchObject({ enabled: true, feature_state_value: "s" });
    expect(await flagOf("target", "two")).toMatchObject({ enabled: false });
  });
});

describe("the audit log", () => {
  test("shows what changed, field by field", async () => {
    const list = body<{ results: { id: number; log: string }[] }>(
      await admin.call("GET", "/api/v1/projects/1/audit/?search=changed%20for%20identity%20ana"),
    );
    const detail = await admin.call("GET", `/api/v1/projects/1/audit/${list.results[0]?.id}/`);
    expect(detail.body).toMatchObject({ change_type: "UPDATE" });
    const { change_details } = body<{ change_details: { field: string; old: unknown; new: unknown }[] }>(detail);
    expect(change_details).toContainEqual({ field: "enabled", old: true, new: false });
  });

  test("is for those who may see it", async () => {
    expect((await viewer.call("GET", "/api/v1/projects/1/audit/")).status).toBe(404);
    expect((await stranger.call("GET", "/api/v1/projects/1/audit/")).status).toBe(404);
    expect(body<{ count: number }>(await stranger.call("GET", "/api/v1/audit/")).count).toBe(0);
  });
});
