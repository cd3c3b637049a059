import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { callWith, createPerson, createStage, type Stage } from "../../testing/index.ts";

let stage: Stage;
let skew = 0;
let base: string;

beforeAll(async () => {
  stage = await createStage({ now: () => Date.now() + skew });
  base = `/api/v1/organisations/${stage.organisationId}`;
});
afterAll(() => stage.close());

const member = (role: "ADMIN" | "USER" = "USER") =>
  createPerson(stage.app, { organisationId: stage.organisationId, role });
const insertGroup = async (name: string, isDefault = 0) => {
  const row = { organisation_id: stage.organisationId, name, is_default: isDefault, external_id: null };
  return (await stage.app.db.kysely.insertInto("groups").values(row).returning("id").executeTakeFirstOrThrow()).id;
};

describe("members", () => {
  test("are listed as they are, to every member", async () => {
    const person = await member("ADMIN");
    const { status, body } = await person.call("GET", `${base}/users/`);
    expect(status).toBe(200);
    expect(body).toContainEqual({
      id: person.id,
      uuid: expect.any(String),
      email: person.email,
      first_name: "Test",
      last_name: "Person",
      last_login: null,
      role: "ADMIN",
      date_joined: expect.stringMatching(/\.\d{6}Z$/),
      two_factor_enabled: false,
    });
    await stage.refuses("GET", `${base}/users/`, undefined, []);
    expect((await (await stage.client([])).call("GET", `${base}/users/`)).status).toBe(200);
  });

  test("become administrators and members again, by administrators", async () => {
    const [person, admin] = [await member(), await member("ADMIN")];
    const path = `${base}/users/${person.id}/update-role/`;
    await stage.refuses("POST", path, { role: "ADMIN" }, [await stage.client([])]);
    expect((await person.call("POST", path, { role: "ADMIN" })).status).toBe(403);
    expect(await admin.call("POST", path, { role: "ADMIN" })).toMatchObject({
      status: 200,
      body: { role: "ADMIN", organisation: { id: stage.organisationId, name: "ours" } },
    });
    const [entry] = await stage.audit();
    expect(entry).toMatchObject({
      ...{ actor: `user:${admin.id}`, action: "UPDATE", object_type: "member", object_id: String(person.id) },
      ...{ organisation_id: stage.organisationId, project_id: null, environment_id: null, revision: null },
    });
    expect([JSON.parse(entry?.before ?? ""), JSON.parse(entry?.after ?? "")]).toEqual([
      { user: person.id, email: person.email, role: "USER" },
      { user: person.id, email: person.email, role: "ADMIN" },
    ]);
    expect(await stage.admin.call("POST", path, { role: "KING" })).toMatchObject({
      status: 400,
      body: { role: ['"KING" is not a valid choice.'] },
    });
    expect((await stage.admin.call("POST", `${base}/users/999999/update-role/`, { role: "USER" })).status).toBe(404);
    const outsider = await createPerson(stage.app);
    const foreign = `${base}/users/${outsider.id}/update-role/`;
    expect((await stage.admin.call("POST", foreign, { role: "ADMIN" })).status).toBe(404);
  });

  test("leave with everything that the organisation gave them", async () => {
    const person = await member();
    const groupId = await insertGroup("leavers");
    const { kysely } = stage.app.db;
    await kysely
      .insertInto("group_members")
      .values({ group_id: groupId, user_id: person.id, group_admin: 0 })
      .execute();
    const project = await stage.send(201, "POST", "/api/v1/projects/", {
      name: "P",
      organisation: stage.organisationId,
    });
    await stage.send(201, "POST", `/api/v1/projects/${project.id}/user-permissions/`, { user: person.id, admin: true });
    const role = await stage.send(201, "POST", `${base}/roles/`, { name: "leaver" });
    await stage.send(201, "POST", `${base}/roles/${role.id}/users/`, { user: person.id });

    await stage.refuses("POST", `${base}/remove-users/`, [{ id: person.id }], [await stage.client([])]);
    const other = await member();
    expect((await other.call("POST", `${base}/remove-users/`, [{ id: person.id }])).status).toBe(403);
    expect((await other.call("POST", `${base}/remove-users/`, [{ id: other.id }, { id: person.id }])).status).toBe(403);
    expect((await person.call("GET", `/api/v1/projects/${project.id}/`)).status).toBe(200);
    expect(await stage.send<unknown>(200, "POST", `${base}/remove-users/`, [{ id: person.id }])).toEqual([
      { id: person.id },
    ]);
    expect((await stage.audit())[0]).toMatchObject({
      action: "DELETE",
      object_type: "member",
      object_id: String(person.id),
    });
    expect((await person.call("GET", `${base}/users/`)).status).toBe(404);
    for (const table of ["permission_grants", "role_members"] as const) {
      const left = kysely
        .selectFrom(table)
        .selectAll()
        .where("subject_type", "=", "user")
        .where("subject_id", "=", person.id);
      expect(await left.execute()).toEqual([]);
    }
    expect(await kysely.selectFrom("group_members").selectAll().where("user_id", "=", person.id).execute()).toEqual([]);
    expect((await person.call("GET", "/api/v1/auth/users/me/")).status).toBe(200);
  });

  test("may leave by themselves, in the form of one object too", async () => {
    const person = await member();
    expect(await person.call("POST", `${base}/remove-users/`, { id: person.id })).toMatchObject({
      status: 200,
      body: { id: person.id },
    });
    expect((await person.call("GET", `${base}/users/`)).status).toBe(404);
    const outsider = await createPerson(stage.app);
    expect((await stage.admin.call("POST", `${base}/remove-users/`, [{ id: outsider.id }])).status).toBe(400);
    for (const wrong of [{}, [{}], "x", [{ id: "x" }]]) {
      expect((await stage.admin.call("POST", `${base}/remove-users/`, wrong)).status).toBe(400);
    }
  });

  test("never leave an organisation without its last administrator", async () => {
    const own = await createStage();
    try {
      const { organisationId: id, app } = own;
      const path = `/api/v1/organisations/${id}`;
      const last = await createPerson(app, { organisationId: id, role: "ADMIN" });
      const demote = () => own.admin.call("POST", `${path}/users/${last.id}/update-role/`, { role: "USER" });
      const leave = () => last.call("POST", `${path}/remove-users/`, [{ id: last.id }]);
      for (const attempt of [demote, leave]) {
        expect(await attempt()).toMatchObject({
          status: 400,
          body: { detail: expect.stringContaining("last administrator") },
        });
      }
      const second = await createPerson(app, { organisationId: id, role: "ADMIN" });
      const both = [{ id: last.id }, { id: second.id }];
      expect((await own.admin.call("POST", `${path}/remove-users/`, both)).status).toBe(400);
      expect((await own.admin.call("GET", `${path}/users/`)).body).toHaveLength(2);
      const answers = await Promise.all([leave(), second.call("POST", `${path}/remove-users/`, [{ id: second.id }])]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    } finally {
      await own.close();
    }
  });
});

describe("invitations", () => {
  test("carry the link, and are accepted by whoever has the address", async () => {
    const [joins, byDefault] = [await insertGroup("invited"), await insertGroup("everybody", 1)];
    const invite = { email: "Guest@Example.com", role: "ADMIN", permission_groups: [joins] };
    await stage.refuses("POST", `${base}/invites/`, invite, [await stage.client([])]);
    const made = await stage.send<{ id: number; link: string }>(201, "POST", `${base}/invites/`, invite);
    expect(made).toMatchObject({ email: "guest@example.com", role: "ADMIN", permission_groups: [joins] });
    const hash = made.link.split("/").at(-1) ?? "";
    expect(made.link).toBe(`http://localhost:8000/invite/${hash}`);
    const [entry] = await stage.audit();
    expect(entry).toMatchObject({ action: "CREATE", object_type: "invite" });
    expect(JSON.stringify(entry)).not.toContain(hash);

    const sign = { email: "guest@example.com", password: "correct horse battery", first_name: "G", last_name: "H" };
    const { body } = await callWith(stage.app.request, undefined, "POST", "/api/v1/auth/users/", {
      ...sign,
      invite_hash: hash,
    });
    const { id, key } = body as { id: number; key: string };
    const join = (path: string, token = key) => callWith(stage.app.request, `Token ${token}`, "POST", path);
    const other = await createPerson(stage.app);
    expect(await join(`/api/v1/users/join/${hash}/`, other.token)).toMatchObject({
      status: 400,
      body: { detail: expect.any(String) },
    });
    expect(await join(`/api/v1/users/join/${hash}/`)).toMatchObject({
      status: 200,
      body: { id: stage.organisationId, role: "ADMIN" },
    });
    expect((await stage.audit())[0]).toMatchObject({ action: "CREATE", object_type: "member", actor: `user:${id}` });
    const groups = stage.app.db.kysely.selectFrom("group_members").select("group_id").where("user_id", "=", id);
    expect((await groups.orderBy("group_id").execute()).map((row) => row.group_id)).toEqual([joins, byDefault]);
    expect((await join(`/api/v1/users/join/${hash}/`)).status).toBe(404);
    expect((await stage.admin.call("POST", `/api/v1/users/join/${hash}/`)).status).toBe(403);
  });

  test("are listed with who invited, and withdrawn", async () => {
    const admin = await member("ADMIN");
    const first = (await admin.call("POST", `${base}/invites/`, { email: "a@x.org" })).body as { id: number };
    await stage.send(201, "POST", `${base}/invites/`, { email: "b@x.org" });
    const page = await stage.send<{ count: number; results: unknown[] }>(200, "GET", `${base}/invites/?page_size=1`);
    expect(page).toMatchObject({
      count: 2,
      results: [{ id: first.id, email: "a@x.org", role: "USER", invited_by: { id: admin.id } }],
    });
    await stage.refuses("GET", `${base}/invites/`, undefined, [await stage.client([])]);
    const one = `${base}/invites/${first.id}/`;
    expect(await stage.send<unknown>(200, "GET", one)).toMatchObject({ email: "a@x.org" });
    expect(await stage.send<unknown>(200, "POST", `${one}resend/`)).toMatchObject({
      email: "a@x.org",
      link: expect.any(String),
    });
    await stage.refuses("DELETE", one, undefined, [await stage.client([])]);
    await stage.send(204, "DELETE", one);
    expect((await stage.audit())[0]).toMatchObject({ action: "DELETE", object_type: "invite" });
    await stage.send(404, "GET", one);
    await stage.send(404, "DELETE", one);
  });

  test("go to several at once, or to nobody", async () => {
    const path = `${base}/invite/`;
    const sent = { invites: [{ email: "c@x.org", role: "ADMIN" }], emails: ["d@x.org"] };
    await stage.refuses("POST", path, sent, [await stage.client([])]);
    expect(await stage.send<unknown>(200, "POST", path, sent)).toMatchObject({
      invites: [
        { email: "c@x.org", role: "ADMIN" },
        { email: "d@x.org", role: "USER" },
      ],
      emails: ["c@x.org", "d@x.org"],
    });
    const again = await stage.send<unknown>(400, "POST", path, { emails: ["e@x.org", "D@x.org"] });
    expect(again).toEqual({ email: ["Invite for email d@x.org already exists."] });
    expect(
      await stage.app.db.kysely.selectFrom("invites").select("id").where("email", "=", "e@x.org").execute(),
    ).toEqual([]);
    const person = await member();
    expect(await stage.send<unknown>(400, "POST", path, { emails: [person.email] })).toEqual({
      email: [`${person.email} is a member of this organisation already.`],
    });
  });

  test.each([
    [{}, { email: ["This field is required."] }],
    [{ email: "x" }, { email: ["Enter a valid email address."] }],
    [
      { email: "f@x.org", permission_groups: [999_999] },
      { permission_groups: ['Invalid pk "999999" - object does not exist.'] },
    ],
    [{ email: "f@x.org", role: 1 }, { role: ['"1" is not a valid choice.'] }],
  ])("refuse %j", async (body, expected) => {
    expect(await stage.send<unknown>(400, "POST", `${base}/invites/`, body)).toEqual(expected);
  });

  test("do not name another organisation's groups", async () => {
    const groups = `/api/v1/organisations/${stage.stranger.organisationId}/groups/`;
    const theirs = (await stage.stranger.call("POST", groups, { name: "theirs" })).body as { id: number };
    await stage.send(400, "POST", `${base}/invites/`, { email: "g@x.org", permission_groups: [theirs.id] });
  });
});

describe("links to join by", () => {
  test("make members until they are deleted or expire", async () => {
    const soon = new Date(Date.now() + skew + 60_000).toISOString();
    await stage.refuses("POST", `${base}/invite-links/`, {}, [await stage.client([])]);
    const link = await stage.send<{ id: number; hash: string }>(201, "POST", `${base}/invite-links/`, {
      role: "USER",
      expires_at: soon,
    });
    const [entry] = await stage.audit();
    expect(entry).toMatchObject({ action: "CREATE", object_type: "invite_link" });
    expect(JSON.stringify(entry)).not.toContain(link.hash);
    expect(await stage.send<unknown>(200, "GET", `${base}/invite-links/`)).toMatchObject([
      { id: link.id, role: "USER" },
    ]);
    const [first, late] = [await createPerson(stage.app), await createPerson(stage.app)];
    const path = `/api/v1/users/join/link/${link.hash}/`;
    expect(await first.call("POST", path)).toMatchObject({
      status: 200,
      body: { id: stage.organisationId, role: "USER" },
    });
    expect((await first.call("GET", `${base}/users/`)).status).toBe(200);
    const admin = await member("ADMIN");
    expect(await admin.call("POST", path)).toMatchObject({ status: 200, body: { role: "ADMIN" } });
    skew += 60_001;
    expect(await late.call("POST", path)).toMatchObject({ status: 400, body: { detail: "Invite Link has expired." } });
    await stage.refuses("DELETE", `${base}/invite-links/${link.id}/`, undefined, [await stage.client([])]);
    await stage.send(204, "DELETE", `${base}/invite-links/${link.id}/`);
    expect((await late.call("POST", path)).status).toBe(404);
    expect((await callWith(stage.app.request, undefined, "POST", path)).status).toBe(401);
  });
});
