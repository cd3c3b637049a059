import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createPerson, createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let base: string;

beforeAll(async () => {
  stage = await createStage();
  base = `/api/v1/organisations/${stage.organisationId}/groups`;
});
afterAll(() => stage.close());

const member = (role: "ADMIN" | "USER" = "USER") =>
  createPerson(stage.app, { organisationId: stage.organisationId, role });
const make = (name: string, more: object = {}) => stage.send(201, "POST", `${base}/`, { name, ...more });
const managers = () =>
  stage.client([{ scope: "organisation", id: stage.organisationId, permissions: ["MANAGE_USER_GROUPS"] }]);

describe("groups", () => {
  test("are made, changed and deleted by whoever manages groups", async () => {
    const manager = await managers();
    const nobody = await stage.client([]);
    await stage.refuses("POST", `${base}/`, { name: "x" }, [nobody]);
    const { status, body } = await manager.call("POST", `${base}/`, { name: "Team", external_id: "ldap-1" });
    expect([status, body]).toEqual([
      201,
      { id: expect.any(Number), name: "Team", users: [], is_default: false, external_id: "ldap-1" },
    ]);
    const { id } = body as { id: number };
    expect((await stage.audit())[0]).toMatchObject({
      action: "CREATE",
      object_type: "group",
      actor: `key:${manager.keyId}`,
    });
    const one = `${base}/${id}/`;
    for (const method of ["GET", "PATCH", "DELETE"]) await stage.refuses(method, one, {}, [nobody]);
    expect(await stage.send<unknown>(200, "PATCH", one, { is_default: true })).toMatchObject({
      name: "Team",
      is_default: true,
    });
    expect(await stage.send<unknown>(200, "PUT", one, { name: "Crew" })).toMatchObject({
      name: "Crew",
      is_default: true,
      external_id: "ldap-1",
    });
    const [entry] = await stage.audit();
    expect([JSON.parse(entry?.before ?? "").name, JSON.parse(entry?.after ?? "").name]).toEqual(["Team", "Crew"]);
    expect(await stage.send<unknown>(400, "POST", `${base}/`, { name: "other", external_id: "ldap-1" })).toHaveProperty(
      "external_id",
    );
    expect(await stage.send<unknown>(200, "PATCH", one, { external_id: null })).toMatchObject({ external_id: null });
    await stage.send(204, "DELETE", one);
    expect((await stage.audit())[0]).toMatchObject({ action: "DELETE", object_type: "group" });
    await stage.send(404, "GET", one);
  });

  test("are listed in pages, with their people", async () => {
    const person = await member();
    const group = await make("paged");
    await stage.send(200, "POST", `${base}/${group.id}/add-users/`, { user_ids: [person.id] });
    const { results } = await stage.send<{ results: { id: number; users: unknown[] }[] }>(
      200,
      "GET",
      `${base}/?page_size=999`,
    );
    expect(results.find((one) => one.id === group.id)?.users).toEqual([
      {
        id: person.id,
        email: person.email,
        first_name: "Test",
        last_name: "Person",
        last_login: "",
        group_admin: false,
      },
    ]);
    await stage.refuses("GET", `${base}/`, undefined, [await stage.client([])]);
    expect((await person.call("GET", `${base}/`)).status).toBe(403);
    expect((await person.call("GET", `${base}/my-groups/`)).body).toEqual([{ id: group.id, name: "paged" }]);
    expect((await person.call("GET", `${base}/summaries/`)).body).toContainEqual({ id: group.id, name: "paged" });
    expect(await stage.send<unknown>(200, "GET", `${base}/my-groups/`)).toEqual([]);
    for (const path of ["my-groups", "summaries"]) await stage.refuses("GET", `${base}/${path}/`, undefined, []);
  });

  test.each([
    [{}, { name: ["This field is required."] }],
    [{ name: "x".repeat(201) }, { name: ["Ensure this field has no more than 200 characters."] }],
    [{ name: "x", is_default: "maybe" }, { is_default: ["Must be a valid boolean."] }],
  ])("refuse %j", async (body, expected) => {
    expect(await stage.send<unknown>(400, "POST", `${base}/`, body)).toEqual(expected);
  });

  test("give people their permissions, and take them along when deleted", async () => {
    const person = await member();
    const group = await make("rights");
    const project = await stage.send(201, "POST", "/api/v1/projects/", {
      name: "G",
      organisation: stage.organisationId,
    });
    await stage.send(201, "POST", `/api/v1/projects/${project.id}/user-group-permissions/`, {
      group: group.id,
      permissions: ["VIEW_PROJECT"],
    });
    const see = async () => (await person.call("GET", `/api/v1/projects/${project.id}/`)).status;
    expect(await see()).toBe(404);
    await stage.send(200, "POST", `${base}/${group.id}/add-users/`, { user_ids: [person.id] });
    expect(await see()).toBe(200);
    await stage.send(200, "POST", `${base}/${group.id}/remove-users/`, { user_ids: [person.id] });
    expect(await see()).toBe(404);
    await stage.send(200, "POST", `${base}/${group.id}/add-users/`, { user_ids: [person.id] });
    await stage.send(204, "DELETE", `${base}/${group.id}/`);
    expect(await see()).toBe(404);
    const left = stage.app.db.kysely.selectFrom("permission_grants").selectAll().where("subject_type", "=", "group");
    expect(await left.where("subject_id", "=", group.id).execute()).toEqual([]);
  });
});

describe("people of a group", () => {
  test("are members of its organisation", async () => {
    const [person, outsider] = [await member(), await createPerson(stage.app)];
    const group = await make("members only");
    const add = `${base}/${group.id}/add-users/`;
    await stage.refuses("POST", add, { user_ids: [person.id] }, [await stage.client([])]);
    expect(await stage.send<unknown>(400, "POST", add, { user_ids: [person.id, outsider.id] })).toEqual({
      user_ids: [`Invalid pk "${outsider.id}" - object does not exist.`],
    });
    expect(await stage.send<unknown>(200, "POST", add, { user_ids: [person.id] })).toMatchObject({
      users: [{ id: person.id }],
    });
    const [entry] = await stage.audit();
    expect(entry).toMatchObject({ action: "UPDATE", object_type: "group" });
    expect(JSON.parse(entry?.after ?? "")).toEqual({
      users: [{ id: person.id, email: person.email, group_admin: false }],
    });
    await stage.send(200, "POST", add, { user_ids: [person.id] });
    expect((await stage.audit())[0]?.id).toBe(entry?.id as number);
    await stage.refuses("POST", `${base}/${group.id}/remove-users/`, { user_ids: [person.id] }, [
      await stage.client([]),
    ]);
    const emptied = await stage.send<unknown>(200, "POST", `${base}/${group.id}/remove-users/`, {
      user_ids: [person.id],
    });
    expect(emptied).toMatchObject({ users: [] });
  });

  test("one of whom may look after it, and only it", async () => {
    const [keeper, newcomer] = [await member(), await member()];
    const [own, other] = [await make("own"), await make("other")];
    const open = (id: number) => keeper.call("GET", `${base}/${id}/`);
    const add = (id: number) => keeper.call("POST", `${base}/${id}/add-users/`, { user_ids: [newcomer.id] });
    await stage.send(404, "POST", `${base}/${own.id}/users/${keeper.id}/make-admin`);
    await stage.send(200, "POST", `${base}/${own.id}/add-users/`, { user_ids: [keeper.id] });
    expect([(await open(own.id)).status, (await add(own.id)).status]).toEqual([403, 403]);
    await stage.refuses("POST", `${base}/${own.id}/users/${keeper.id}/make-admin`, undefined, [await stage.client([])]);
    await stage.send(200, "POST", `${base}/${own.id}/users/${keeper.id}/make-admin`);
    expect((await stage.audit())[0]).toMatchObject({ action: "UPDATE", object_type: "group" });
    expect([(await open(own.id)).status, (await add(own.id)).status]).toEqual([200, 200]);
    expect([(await open(other.id)).status, (await add(other.id)).status]).toEqual([403, 403]);
    expect((await keeper.call("PATCH", `${base}/${own.id}/`, { name: "mine" })).status).toBe(403);
    await stage.send(200, "POST", `${base}/${own.id}/users/${keeper.id}/remove-admin`);
    expect((await add(own.id)).status).toBe(403);
  });

  test("are not let into more than whoever lets them in may do", async () => {
    const climber = await member();
    const manage = { user: climber.id, permissions: ["MANAGE_USER_GROUPS"] };
    await stage.send(201, "POST", `/api/v1/organisations/${stage.organisationId}/user-permissions/`, manage);
    const project = await stage.send(201, "POST", "/api/v1/projects/", {
      name: "C",
      organisation: stage.organisationId,
    });
    const [byGrant, byRole, harmless] = [await make("grant"), await make("role"), await make("harmless")];
    const grants = `/api/v1/projects/${project.id}/user-group-permissions/`;
    await stage.send(201, "POST", grants, { group: byGrant.id, admin: true });
    const role = await stage.send(201, "POST", `/api/v1/organisations/${stage.organisationId}/roles/`, {
      name: "strong",
    });
    const roles = `/api/v1/organisations/${stage.organisationId}/roles/${role.id}`;
    await stage.send(201, "POST", `${roles}/projects-permissions/`, {
      project: project.id,
      permissions: [{ permission_key: "CREATE_FEATURE" }],
    });
    await stage.send(201, "POST", `${roles}/groups/`, { group: byRole.id });

    const add = async (id: number) =>
      (await climber.call("POST", `${base}/${id}/add-users/`, { user_ids: [climber.id] })).status;
    const makeDefault = async (id: number) =>
      (await climber.call("PATCH", `${base}/${id}/`, { is_default: true })).status;
    expect([await add(byGrant.id), await add(byRole.id), await add(harmless.id)]).toEqual([403, 403, 200]);
    expect([await makeDefault(byGrant.id), await makeDefault(byRole.id)]).toEqual([403, 403]);
    const own = { user: climber.id, permissions: ["VIEW_PROJECT", "CREATE_FEATURE"] };
    await stage.send(201, "POST", `/api/v1/projects/${project.id}/user-permissions/`, own);
    expect([await add(byGrant.id), await add(byRole.id)]).toEqual([403, 200]);
  });
});
