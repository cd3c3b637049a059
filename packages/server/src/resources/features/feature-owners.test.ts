/** Features belong to people and groups. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createFeatureStage, type FeatureStage } from "../../testing/feature-stage.ts";
import type { Body, PageBody, Stage } from "../../testing/index.ts";

let stage: Stage;
let project: Body;
let FEATURES: string;
let feature: FeatureStage["feature"];

beforeAll(async () => {
  ({ stage, project, FEATURES, feature } = await createFeatureStage());
});
afterAll(() => stage.close());

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
