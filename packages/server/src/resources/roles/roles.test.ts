import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createPerson, createStage, type PageBody, type Stage } from "../../testing/index.ts";

let stage: Stage;
let organisation: string;
let base: string;
let project: { id: number };
let environment: { id: number; api_key: string };
let made = 0;

beforeAll(async () => {
  stage = await createStage();
  organisation = `/api/v1/organisations/${stage.organisationId}`;
  base = `${organisation}/roles`;
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "P", organisation: stage.organisationId });
  environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "E", project: project.id });
});
afterAll(() => stage.close());

const makeRole = () => stage.send(201, "POST", `${base}/`, { name: `role ${++made}` });
const nobody = () =>
  stage.client([{ scope: "organisation", id: stage.organisationId, permissions: ["MANAGE_USER_GROUPS"] }]);

describe("roles", () => {
  test("are made, changed and deleted by administrators of the organisation", async () => {
    const low = await nobody();
    await stage.refuses("POST", `${base}/`, { name: "x" }, [low]);
    await stage.refuses("GET", `${base}/`, undefined, [low]);
    const role = await stage.send(201, "POST", `${base}/`, { name: "Release manager" });
    const shape = {
      id: role.id,
      name: "Release manager",
      description: null,
      organisation: stage.organisationId,
      tags: [],
    };
    expect(role as unknown).toEqual(shape);
    expect((await stage.audit())[0]).toMatchObject({
      action: "CREATE",
      object_type: "role",
      object_id: String(role.id),
    });
    const one = `${base}/${role.id}/`;
    for (const method of ["GET", "PUT", "PATCH", "DELETE"]) await stage.refuses(method, one, { name: "y" }, [low]);
    expect(await stage.send<unknown>(200, "GET", one)).toEqual(shape);
    expect(await stage.send<unknown>(200, "PATCH", one, { description: "ships" })).toMatchObject({
      name: "Release manager",
      description: "ships",
    });
    expect(await stage.send<unknown>(200, "PUT", one, { name: "Shipper" })).toMatchObject({
      name: "Shipper",
      description: "ships",
    });
    expect(await stage.send<unknown>(200, "PATCH", one, { description: null })).toMatchObject({ description: null });
    const [entry] = await stage.audit();
    expect([JSON.parse(entry?.before ?? "").description, JSON.parse(entry?.after ?? "").description]).toEqual([
      "ships",
      null,
    ]);
    expect(await stage.send<unknown>(400, "POST", `${base}/`, { name: "Shipper" })).toHaveProperty("name");
    expect(await stage.send<unknown>(400, "POST", `${base}/`, { name: "z", tags: [1] })).toHaveProperty("tags");
    expect(await stage.send<PageBody>(200, "GET", `${base}/?page_size=1`)).toMatchObject({
      previous: null,
      results: [{}],
    });
    await stage.send(204, "DELETE", one);
    await stage.send(404, "GET", one);
  });
});

const PERMISSIONS = [
  { path: "organisation-permissions", body: () => ({ permissions: ["CREATE_PROJECT"] }), query: () => "" },
  {
    path: "projects-permissions",
    body: () => ({ project: project.id, permissions: [{ permission_key: "CREATE_FEATURE", tags: [] }] }),
    query: () => `?project=${project.id}`,
  },
  {
    path: "environments-permissions",
    body: () => ({ environment: environment.id, permissions: [{ permission_key: "VIEW_IDENTITIES" }], admin: true }),
    query: () => `?environment=${environment.id}`,
  },
] as const;

for (const { path, body, query } of PERMISSIONS) {
  test(`${path} of a role are given, changed and withdrawn`, async () => {
    const role = await makeRole();
    const list = `${base}/${role.id}/${path}/`;
    const low = await nobody();
    await stage.refuses("POST", list, body(), [low]);
    const row = await stage.send(201, "POST", list, body());
    expect(row as unknown).toMatchObject({ role: role.id });
    const [entry] = await stage.audit();
    expect(entry).toMatchObject({ action: "UPDATE", object_type: "role", object_id: String(role.id) });
    expect(await stage.send<unknown>(400, "POST", list, body())).toHaveProperty("non_field_errors");
    await stage.refuses("GET", `${list}${query()}`, undefined, [low]);
    expect(await stage.send<unknown>(200, "GET", `${list}${query()}`)).toMatchObject({
      count: 1,
      results: [{ id: row.id }],
    });
    const one = `${list}${row.id}/`;
    for (const method of ["GET", "PUT", "PATCH", "DELETE"]) await stage.refuses(method, one, body(), [low]);
    expect(await stage.send<unknown>(200, "GET", one)).toEqual(row);
    const emptied = await stage.send(200, "PATCH", one, { permissions: [] });
    expect(emptied["permissions"]).toEqual([]);
    expect(await stage.send<unknown>(200, "PUT", one, body())).toEqual(row);
    const unknown = path === "organisation-permissions" ? ["NO_SUCH"] : [{ permission_key: "NO_SUCH" }];
    await stage.send(400, "PATCH", one, { permissions: unknown });
    const other = await makeRole();
    await stage.send(404, "GET", `${base}/${other.id}/${path}/${row.id}/`);
    await stage.send(204, "DELETE", one);
    await stage.send(404, "GET", one);
  });
}

test("permissions of a role name places of its organisation, and no tags", async () => {
  const role = await makeRole();
  const projects = "/api/v1/projects/";
  const theirs = (
    await stage.stranger.call("POST", projects, { name: "T", organisation: stage.stranger.organisationId })
  ).body as { id: number };
  const send = (body: object) => stage.send<unknown>(400, "POST", `${base}/${role.id}/projects-permissions/`, body);
  expect(await send({ project: theirs.id, permissions: [] })).toEqual({
    project: [`Invalid pk "${theirs.id}" - object does not exist.`],
  });
  expect(await send({ project: project.id, permissions: [{ permission_key: "DELETE_FEATURE", tags: [1] }] })).toEqual({
    permissions: [{ tags: ["A permission holds for everything at its place: tags are not supported here."] }],
  });
  expect(await send({ permissions: [] })).toEqual({ project: ["This field is required."] });
  expect(await stage.send<unknown>(400, "GET", `${base}/${role.id}/projects-permissions/`)).toEqual({
    project: ["This field is required."],
  });
});

describe("a role", () => {
  test("works for people, groups and keys that have it, until it is taken from them", async () => {
    const role = await makeRole();
    await stage.send(201, "POST", `${base}/${role.id}/projects-permissions/`, {
      project: project.id,
      permissions: [{ permission_key: "VIEW_PROJECT" }],
    });
    const person = await createPerson(stage.app, { organisationId: stage.organisationId });
    const inGroup = await createPerson(stage.app, { organisationId: stage.organisationId });
    const group = await stage.send(201, "POST", `${organisation}/groups/`, { name: "role group" });
    await stage.send(200, "POST", `${organisation}/groups/${group.id}/add-users/`, { user_ids: [inGroup.id] });
    const key = await stage.client([]);
    const prefix = key.key.split(".")[0] ?? "";
    const see = async () =>
      Promise.all(
        [person, inGroup, key].map(async (one) => (await one.call("GET", `/api/v1/projects/${project.id}/`)).status),
      );
    expect(await see()).toEqual([404, 404, 404]);

    const given = [
      { part: "users", of: `users/${person.id}`, body: { user: person.id }, tail: "" },
      { part: "groups", of: `groups/${group.id}`, body: { group: group.id }, tail: "" },
      {
        part: "master-api-keys",
        of: `master-api-keys/${prefix}`,
        body: { master_api_key: prefix },
        tail: "detach-roles-from-master-api-key/",
      },
    ];
    for (const { part, of, body } of given) {
      const list = `${base}/${role.id}/${part}/`;
      await stage.refuses("POST", list, body, [await nobody()]);
      const row = await stage.send(201, "POST", list, body);
      expect(row as unknown).toMatchObject({ role: role.id, ...body });
      expect((await stage.audit())[0]).toMatchObject({ action: "UPDATE", object_type: "role" });
      expect((await stage.send(201, "POST", list, body)).id).toBe(row.id);
      expect(await stage.send<unknown>(200, "GET", list)).toMatchObject({ count: 1, results: [row] });
      for (const method of ["GET", "PUT", "PATCH", "DELETE"])
        await stage.refuses(method, `${list}${row.id}/`, body, [await nobody()]);
      expect(await stage.send<unknown>(200, "GET", `${list}${row.id}/`)).toEqual(row);
      await stage.refuses("GET", `${organisation}/${of}/roles/`, undefined, [await nobody()]);
      expect(await stage.send<unknown>(200, "GET", `${organisation}/${of}/roles/`)).toMatchObject({
        count: 1,
        results: [{ id: role.id }],
      });
    }
    expect(await see()).toEqual([200, 200, 200]);
    for (const { of, tail } of given) {
      const path = `${organisation}/${of}/roles/${role.id}/${tail}`;
      await stage.refuses("DELETE", path, undefined, [await nobody()]);
      await stage.send(204, "DELETE", path);
      await stage.send(404, "DELETE", path);
    }
    expect(await see()).toEqual([404, 404, 404]);
  });

  test("passes from one to another, and ends with its deletion", async () => {
    const role = await makeRole();
    await stage.send(201, "POST", `${base}/${role.id}/projects-permissions/`, {
      project: project.id,
      permissions: [],
      admin: true,
    });
    const [first, second] = [
      await createPerson(stage.app, { organisationId: stage.organisationId }),
      await createPerson(stage.app, { organisationId: stage.organisationId }),
    ];
    const row = await stage.send(201, "POST", `${base}/${role.id}/users/`, { user: first.id });
    const see = async () =>
      Promise.all(
        [first, second].map(async (one) => (await one.call("GET", `/api/v1/projects/${project.id}/`)).status),
      );
    expect(await see()).toEqual([200, 404]);
    expect(
      await stage.send<unknown>(200, "PATCH", `${base}/${role.id}/users/${row.id}/`, { user: second.id }),
    ).toMatchObject({ user: second.id });
    expect(await see()).toEqual([404, 200]);
    await stage.send(204, "DELETE", `${base}/${role.id}/`);
    expect(await see()).toEqual([404, 404]);
    const left = stage.app.db.kysely.selectFrom("permission_grants").selectAll().where("subject_type", "=", "role");
    expect(await left.where("subject_id", "=", role.id).execute()).toEqual([]);
  });

  test("is not given to strangers", async () => {
    const role = await makeRole();
    const outsider = await createPerson(stage.app);
    const list = (part: string) => `${base}/${role.id}/${part}/`;
    await stage.send(400, "POST", list("users"), { user: outsider.id });
    await stage.send(400, "POST", list("groups"), { group: 999_999 });
    expect(
      await stage.send<unknown>(400, "POST", list("master-api-keys"), {
        master_api_key: stage.stranger.key.split(".")[0],
      }),
    ).toHaveProperty("master_api_key");
    await stage.send(404, "GET", `${organisation}/users/${outsider.id}/roles/`);
  });
});
