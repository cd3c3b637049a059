import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { callWith, createPerson, createStage, type Stage, type TestPerson } from "../../testing/index.ts";

let stage: Stage;
let organisation: string;
let project: { id: number };
let environment: { id: number; api_key: string };

beforeAll(async () => {
  stage = await createStage();
  organisation = `/api/v1/organisations/${stage.organisationId}`;
  project = await stage.send(201, "POST", "/api/v1/projects/", { name: "P", organisation: stage.organisationId });
  environment = await stage.send(201, "POST", "/api/v1/environments/", { name: "E", project: project.id });
});
afterAll(() => stage.close());

const member = () => createPerson(stage.app, { organisationId: stage.organisationId });
const makeGroup = (name: string) => stage.send(201, "POST", `${organisation}/groups/`, { name });

interface Place {
  readonly name: string;
  readonly path: () => string;
  readonly keys: readonly [string, string];
  /** Whether being administrator is a matter of its own there. */
  readonly hasAdmin: boolean;
}

const PLACES: readonly Place[] = [
  { name: "organisation", path: () => organisation, keys: ["CREATE_PROJECT", "MANAGE_USER_GROUPS"], hasAdmin: false },
  {
    name: "project",
    path: () => `/api/v1/projects/${project.id}`,
    keys: ["CREATE_FEATURE", "VIEW_PROJECT"],
    hasAdmin: true,
  },
  {
    name: "environment",
    path: () => `/api/v1/environments/${environment.api_key}`,
    keys: ["DELETE_IDENTITIES", "VIEW_TRAITS"],
    hasAdmin: true,
  },
];

for (const { name, path, keys, hasAdmin } of PLACES) {
  for (const subject of ["user", "group"] as const) {
    describe(`permissions of a ${subject} in the ${name}`, () => {
      const list = () => `${path()}/user${subject === "group" ? "-group" : ""}-permissions/`;
      const makeSubject = async () =>
        subject === "user" ? (await member()).id : (await makeGroup(`${name} group ${made++}`)).id;
      let made = 0;

      test("are given, changed and withdrawn by its administrators", async () => {
        const id = await makeSubject();
        const given = { [subject]: id, permissions: [keys[1], keys[0], keys[1]] };
        const low = await stage.client([
          {
            scope: name as "project",
            id: { organisation: stage.organisationId, project: project.id, environment: environment.id }[name] ?? 0,
            permissions: [keys[0]],
          },
        ]);
        await stage.refuses("POST", list(), given, [low]);
        const row = await stage.send(201, "POST", list(), given);
        const held = { permissions: [...keys].sort(), ...(hasAdmin ? { admin: false } : {}) };
        expect(row as unknown).toEqual({ id: row.id, [subject]: id, ...held });
        const [entry] = await stage.audit();
        expect(entry).toMatchObject({
          action: "CREATE",
          object_type: "permission",
          organisation_id: stage.organisationId,
          revision: null,
        });
        expect(JSON.parse(entry?.after ?? "")).toMatchObject(held);

        const one = `${list()}${row.id}/`;
        for (const method of ["GET", "PUT", "PATCH", "DELETE"]) await stage.refuses(method, one, given, [low]);
        expect(await stage.send<unknown>(200, "GET", one)).toEqual({ id: row.id, [subject]: id, ...held });
        expect(await stage.send<unknown>(200, "PATCH", one, { permissions: [keys[0]] })).toMatchObject({
          permissions: [keys[0]],
        });
        const [changed] = await stage.audit();
        expect(JSON.parse(changed?.before ?? "").permissions).toEqual([...keys].sort());
        expect(JSON.parse(changed?.after ?? "").permissions).toEqual([keys[0]]);
        await stage.send(200, "PATCH", one, {});
        expect((await stage.audit())[0]?.id).toBe(changed?.id as number);
        await stage.send(400, "PUT", one, { [subject]: id + 1_000, permissions: [] });
        await stage.send(200, "PUT", one, { [subject]: id, permissions: [] });
        expect(await stage.send<unknown>(400, "POST", list(), given)).toHaveProperty(subject);
        await stage.send(204, "DELETE", one);
        expect((await stage.audit())[0]).toMatchObject({ action: "DELETE", object_type: "permission" });
        await stage.send(404, "GET", one);
      });

      test("are listed with who has them", async () => {
        const id = await makeSubject();
        const row = await stage.send(201, "POST", list(), { [subject]: id, permissions: [keys[0]] });
        const rows = await stage.send<
          { id: number; user?: { id: number }; group?: { id: number; users: unknown[] } }[]
        >(200, "GET", list());
        expect(rows.find((one) => one.id === row.id)?.[subject]).toMatchObject({ id });
        expect(await stage.send<unknown[]>(200, "GET", `${list()}?${subject}=${id}`)).toHaveLength(1);
        await stage.refuses("GET", list(), undefined, []);
      });

      test("are refused where they make no sense", async () => {
        const id = await makeSubject();
        const send = (body: unknown) => stage.send<unknown>(400, "POST", list(), body);
        expect(await send({ [subject]: id, permissions: ["NO_SUCH", 5] })).toEqual({
          permissions: {
            "0": ['Invalid pk "NO_SUCH" - object does not exist.'],
            "1": ['Invalid pk "5" - object does not exist.'],
          },
        });
        expect(await send({ permissions: [] })).toEqual({ [subject]: ["This field is required."] });
        const outsider = subject === "user" ? (await createPerson(stage.app)).id : 999_999;
        expect(await send({ [subject]: outsider })).toEqual({
          [subject]: [`Invalid pk "${outsider}" - object does not exist.`],
        });
      });
    });
  }
}

describe("administrators of a place", () => {
  test("give no more than they have, and nothing outside it", async () => {
    const second = await stage.send(201, "POST", "/api/v1/environments/", { name: "E2", project: project.id });
    const keeper = await stage.client([{ scope: "environment", id: environment.id, isAdmin: true }]);
    const person = await member();
    const give = (path: string, body: object) => keeper.call("POST", path, { user: person.id, ...body });
    const own = `/api/v1/environments/${environment.api_key}/user-permissions/`;
    expect((await give(own, { admin: true })).status).toBe(201);
    expect((await give(`/api/v1/environments/${second["api_key"]}/user-permissions/`, { admin: true })).status).toBe(
      404,
    );
    expect((await give(`/api/v1/projects/${project.id}/user-permissions/`, { admin: true })).status).toBe(404);
    expect((await give(`${organisation}/user-permissions/`, { permissions: ["CREATE_PROJECT"] })).status).toBe(403);
    expect((await person.call("GET", own)).status).toBe(200);
    expect((await person.call("GET", `/api/v1/environments/${second["api_key"]}/`)).status).toBe(404);
  });

  test("do not reach the permissions of another place by number", async () => {
    const person = await member();
    const row = await stage.send(201, "POST", `/api/v1/projects/${project.id}/user-permissions/`, { user: person.id });
    const path = `/api/v1/environments/${environment.api_key}/user-permissions/${row.id}/`;
    await stage.send(404, "GET", path);
    await stage.send(404, "PATCH", path, { admin: true });
    await stage.send(404, "DELETE", path);
    await stage.send(404, "GET", `/api/v1/projects/${project.id}/user-group-permissions/${row.id}/`);
  });
});

describe("what somebody may do", () => {
  const own = async (person: TestPerson, path: string) => (await person.call("GET", `${path}/my-permissions/`)).body;

  test("is told to everybody about oneself", async () => {
    const person = await member();
    const path = `/api/v1/projects/${project.id}`;
    await stage.refuses("GET", `${path}/my-permissions/`, undefined, []);
    expect(await person.call("GET", `${path}/my-permissions/`)).toMatchObject({ status: 404 });
    expect(await own(person, organisation)).toEqual({ admin: false, permissions: [], tag_based_permissions: [] });
    await stage.send(201, "POST", `${path}/user-permissions/`, {
      user: person.id,
      permissions: ["VIEW_PROJECT", "CREATE_FEATURE"],
    });
    expect(await own(person, path)).toEqual({
      admin: false,
      permissions: ["CREATE_FEATURE", "VIEW_PROJECT"],
      tag_based_permissions: [],
    });
    expect(await stage.send<unknown>(200, "GET", `${path}/my-permissions/`)).toEqual({
      admin: true,
      permissions: [],
      tag_based_permissions: [],
    });
  });

  test("is explained: by oneself, by groups, by roles, from above", async () => {
    const person = await member();
    const group = await makeGroup("explained");
    await stage.send(200, "POST", `${organisation}/groups/${group.id}/add-users/`, { user_ids: [person.id] });
    const role = await stage.send(201, "POST", `${organisation}/roles/`, { name: "explained" });
    await stage.send(201, "POST", `${organisation}/roles/${role.id}/groups/`, { group: group.id });
    const environments = `${organisation}/roles/${role.id}/environments-permissions/`;
    await stage.send(201, "POST", environments, {
      environment: environment.id,
      permissions: [{ permission_key: "VIEW_IDENTITIES" }],
    });
    const path = `/api/v1/environments/${environment.api_key}`;
    await stage.send(201, "POST", `${path}/user-permissions/`, { user: person.id, permissions: ["VIEW_ENVIRONMENT"] });
    await stage.send(201, "POST", `${path}/user-group-permissions/`, {
      group: group.id,
      permissions: ["VIEW_ENVIRONMENT"],
    });
    const none = { groups: [], roles: [] };
    const byGroup = [{ id: group.id, name: "explained" }];
    expect(await stage.send<unknown>(200, "GET", `${path}/user-detailed-permissions/${person.id}/`)).toEqual({
      admin: false,
      is_directly_granted: false,
      derived_from: none,
      permissions: [
        { permission_key: "VIEW_ENVIRONMENT", is_directly_granted: true, derived_from: { groups: byGroup, roles: [] } },
        {
          permission_key: "VIEW_IDENTITIES",
          is_directly_granted: false,
          derived_from: { groups: [], roles: [{ id: role.id, name: "explained", tags: [] }] },
        },
      ],
    });
    expect(await own(person, path)).toMatchObject({ permissions: ["VIEW_ENVIRONMENT", "VIEW_IDENTITIES"] });
    await stage.send(201, "POST", `/api/v1/projects/${project.id}/user-group-permissions/`, {
      group: group.id,
      admin: true,
    });
    expect(await stage.send<unknown>(200, "GET", `${path}/user-detailed-permissions/${person.id}/`)).toMatchObject({
      admin: true,
      is_directly_granted: false,
      derived_from: { groups: byGroup, roles: [] },
    });
    expect(await own(person, path)).toEqual({ admin: true, permissions: [], tag_based_permissions: [] });
    const all = `/api/v1/projects/${project.id}/all-user-permissions/${person.id}/`;
    expect(await stage.send<unknown>(200, "GET", all)).toEqual({
      admin: true,
      permissions: [],
      tag_based_permissions: [],
    });
  });

  test("is everybody's own business, and the administrators'", async () => {
    const [person, other] = [await member(), await member()];
    for (const path of [organisation, `/api/v1/projects/${project.id}`]) {
      const details = `${path}/user-detailed-permissions/${person.id}/`;
      await stage.refuses("GET", details, undefined, []);
      await stage.send(404, "GET", `${path}/user-detailed-permissions/999999/`);
      expect((await other.call("GET", details)).status).toBe(path === organisation ? 403 : 404);
    }
    expect((await person.call("GET", `${organisation}/user-detailed-permissions/${person.id}/`)).status).toBe(200);
  });
});

test("the catalogues name every permission once", async () => {
  const lists = [
    await stage.send<{ key: string }[]>(200, "GET", "/api/v1/organisations/permissions/"),
    await stage.send<{ key: string }[]>(200, "GET", "/api/v1/projects/permissions/"),
    (await stage.send<{ results: { key: string }[] }>(200, "GET", "/api/v1/environments/permissions/")).results,
  ];
  const keys = lists.flat().map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of [
    "CREATE_PROJECT",
    "VIEW_AUDIT_LOG",
    "VIEW_TRAITS",
    "MANAGE_TRAITS",
    "MANAGE_IDENTITY_OVERRIDES",
    "DELETE_IDENTITIES",
  ]) {
    expect(keys).toContain(key);
  }
  expect((await callWith(stage.app.request, undefined, "GET", "/api/v1/projects/permissions/")).status).toBe(401);
});
