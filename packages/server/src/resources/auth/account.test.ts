import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createResetPath } from "../../accounts/password-reset.ts";
import { callWith, createPerson, createStage, type Stage, type TestPerson } from "../../testing/index.ts";

let stage: Stage;
let skew = 0;

beforeAll(async () => {
  stage = await createStage({ now: () => Date.now() + skew });
});
afterAll(() => stage.close());

const AUTH = "/api/v1/auth/";
const ask = (method: string, path: string, body?: unknown) =>
  callWith(stage.app.request, undefined, method, `${AUTH}${path}`, body);
const rest = () => {
  skew += 61_000;
};
const canLogIn = async (email: string, password: string) => {
  rest();
  return (await ask("POST", "login/", { email, password })).status === 200;
};

describe("auth/users/me/", () => {
  test("shows the caller with organisations and roles", async () => {
    const person = await createPerson(stage.app, { organisationId: stage.organisationId });
    const { status, body } = await person.call("GET", `${AUTH}users/me/`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: person.id,
      email: person.email,
      first_name: "Test",
      last_name: "Person",
      sign_up_type: "INVITE_EMAIL",
      auth_type: "EMAIL",
      is_superuser: false,
      date_joined: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      organisations: [{ role: "USER", organisation: { id: stage.organisationId, name: "ours" } }],
    });
  });

  test("changes names and nothing else, and says so in the organisation's log", async () => {
    const person = await createPerson(stage.app, { organisationId: stage.organisationId });
    const patched = await person.call("PATCH", `${AUTH}users/me/`, { first_name: "Ana", email: "x@example.com" });
    expect(patched).toMatchObject({
      status: 200,
      body: { first_name: "Ana", last_name: "Person", email: person.email },
    });
    const [entry] = await stage.audit();
    expect(entry).toMatchObject({
      organisation_id: stage.organisationId,
      actor: `user:${person.id}`,
      object_type: "user",
    });
    expect(JSON.parse(entry?.before ?? "")).toMatchObject({ first_name: "Test" });
    expect(JSON.parse(entry?.after ?? "")).toMatchObject({ first_name: "Ana" });
    await person.call("PATCH", `${AUTH}users/me/`, { first_name: "Ana" });
    expect((await stage.audit())[0]?.id).toBe(entry?.id as number);
    const put = await person.call("PUT", `${AUTH}users/me/`, { first_name: "x".repeat(151) });
    expect(put).toMatchObject({
      status: 400,
      body: {
        first_name: ["Ensure this field has no more than 150 characters."],
        last_name: ["This field is required."],
      },
    });
  });

  test("deletes an account with its password, and what was its own", async () => {
    rest();
    const person = await createPerson(stage.app, { organisationId: stage.organisationId });
    const remove = (body?: unknown) => person.call("DELETE", `${AUTH}users/me/`, body);
    expect(await remove()).toMatchObject({ status: 400, body: { current_password: ["This field is required."] } });
    expect(await remove({ current_password: "x" })).toMatchObject({
      status: 400,
      body: { current_password: ["Invalid password."] },
    });
    expect((await remove({ current_password: person.password })).status).toBe(204);
    expect((await stage.audit())[0]).toMatchObject({
      action: "DELETE",
      object_type: "user",
      organisation_id: stage.organisationId,
    });
    expect((await person.call("GET", `${AUTH}users/me/`)).status).toBe(401);
    expect(await canLogIn(person.email, person.password)).toBe(false);
  });

  test("keeps the last administrator of an organisation", async () => {
    rest();
    const organisationId = stage.organisationId;
    const last = await createPerson(stage.app, { organisationId, role: "ADMIN" });
    const remove = (person: TestPerson) =>
      person.call("DELETE", `${AUTH}users/me/`, { current_password: person.password });
    expect(await remove(last)).toMatchObject({ status: 400, body: { detail: expect.stringContaining("ours") } });
    await createPerson(stage.app, { organisationId, role: "ADMIN" });
    expect((await remove(last)).status).toBe(204);
  });

  test("takes organisations that nobody else is in along where that is asked for, and only those", async () => {
    rest();
    const person = await createPerson(stage.app);
    const own = (await person.call("POST", "/api/v1/organisations/", { name: "own" })).body as { id: number };
    const ours = (await person.call("POST", "/api/v1/organisations/", { name: "shared" })).body as { id: number };
    const other = await createPerson(stage.app, { organisationId: ours.id });
    const project = await person.call("POST", "/api/v1/projects/", { name: "p", organisation: own.id });
    const { id } = project.body as { id: number };
    const environment = await person.call("POST", "/api/v1/environments/", { name: "e", project: id });
    const key = (environment.body as { api_key: string }).api_key;
    const remove = (more: object = {}) =>
      person.call("DELETE", `${AUTH}users/me/`, { current_password: person.password, ...more });
    const refused = await remove({ delete_orphan_organisations: true });
    expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringContaining("shared") } });
    expect((await person.call("GET", `/api/v1/organisations/${own.id}/`)).status).toBe(200);
    const headers = { "X-Environment-Key": key };
    expect((await stage.app.request("/api/v1/flags/", { headers })).status).toBe(200);
    await person.call("POST", `/api/v1/organisations/${ours.id}/users/${other.id}/update-role/`, { role: "ADMIN" });
    expect(await remove()).toMatchObject({ status: 400, body: { detail: expect.stringContaining("own") } });
    expect((await remove({ delete_orphan_organisations: true })).status).toBe(204);
    expect((await stage.audit(1))[0]).toMatchObject({ object_type: "organisation", organisation_id: own.id });
    expect((await stage.app.request("/api/v1/flags/", { headers })).status).not.toBe(200);
    expect((await other.call("GET", `/api/v1/organisations/${ours.id}/`)).status).toBe(200);
  });
});

test("the log says from which address a change was asked for", async () => {
  const person = await createPerson(stage.app);
  const headers = { Authorization: `Token ${person.token}`, "Content-Type": "application/json" };
  const request = new Request(`http://localhost${AUTH}users/me/`, {
    method: "PATCH",
    headers,
    body: '{"first_name":"B"}',
  });
  expect((await stage.app.app.fetch(request, { address: () => "192.0.2.7" })).status).toBe(200);
  expect((await stage.audit())[0]).toMatchObject({ address: "192.0.2.7" });
});

describe("auth/users/set_password/", () => {
  test("replaces the password, ends other tokens and sessions, and keeps the caller's", async () => {
    rest();
    const person = await createPerson(stage.app);
    const { body } = await ask("POST", "login/", { email: person.email, password: person.password });
    const other = (body as { key: string }).key;
    const set = (fields: object) => person.call("POST", `${AUTH}users/set_password/`, fields);
    const fine = {
      current_password: person.password,
      new_password: "quite another one",
      re_new_password: "quite another one",
    };
    expect(await set({ ...fine, current_password: "wrong" })).toMatchObject({
      status: 400,
      body: { current_password: ["Invalid password."] },
    });
    expect(await set({ ...fine, re_new_password: "different" })).toMatchObject({
      status: 400,
      body: { non_field_errors: ["The two password fields didn't match."] },
    });
    const weak = await set({
      current_password: person.password,
      new_password: "password1",
      re_new_password: "password1",
    });
    expect(weak).toMatchObject({ status: 400, body: { new_password: ["This password is too common."] } });
    expect((await set(fine)).status).toBe(204);
    expect((await person.call("GET", `${AUTH}users/me/`)).status).toBe(200);
    expect((await callWith(stage.app.request, `Token ${other}`, "GET", `${AUTH}users/me/`)).status).toBe(401);
    expect(await canLogIn(person.email, person.password)).toBe(false);
    expect(await canLogIn(person.email, "quite another one")).toBe(true);
    const [entry] = await stage.audit();
    expect(entry).toMatchObject({ object_type: "login", log: "Password changed", actor: `user:${person.id}` });
    expect(JSON.stringify(entry)).not.toContain("quite another one");
  });
});

describe("auth/users/set_email/", () => {
  test("changes the address to one that nobody has", async () => {
    rest();
    const [person, other] = [await createPerson(stage.app), await createPerson(stage.app)];
    const set = (new_email: string, current_password = person.password) =>
      person.call("POST", `${AUTH}users/set_email/`, { new_email, current_password });
    expect((await set("new@example.com", "wrong")).status).toBe(400);
    expect(await set(other.email.toUpperCase())).toMatchObject({
      status: 400,
      body: { new_email: ["user with this email already exists."] },
    });
    expect((await set("New@Example.com")).status).toBe(204);
    expect(await canLogIn("new@example.com", person.password)).toBe(true);
  });
});

describe("a forgotten password", () => {
  test("is replaced with a link that works once, for an hour", async () => {
    rest();
    const person = await createPerson(stage.app);
    const link = async () => {
      const path = await createResetPath(stage.app.db.kysely, person.id, Date.now() + skew);
      const [, , , uid = "", token = ""] = path.split("/");
      return { uid, token };
    };
    const confirm = (fields: object) =>
      ask("POST", "users/reset_password_confirm/", { new_password: "quite another one", ...fields });
    const void1 = await link();
    const current = await link();
    expect(await confirm(void1)).toMatchObject({ status: 400, body: { token: ["Invalid token for given user."] } });
    expect(await confirm({ ...current, uid: "MA" })).toMatchObject({ status: 400, body: { uid: expect.any(Array) } });
    expect((await confirm({ ...current, new_password: "12345678" })).status).toBe(400);
    skew += 60 * 60_000;
    expect((await confirm(current)).status).toBe(400);
    const fresh = await link();
    expect((await confirm(fresh)).status).toBe(204);
    rest();
    expect((await confirm(fresh)).status).toBe(400);
    expect(await canLogIn(person.email, "quite another one")).toBe(true);
    expect((await person.call("GET", `${AUTH}users/me/`)).status).toBe(401);
  });

  test("is asked for without learning who has an account, five times a minute", async () => {
    rest();
    const person = await createPerson(stage.app);
    for (const email of [person.email, "nobody@example.com"]) {
      expect(await ask("POST", "users/reset_password/", { email })).toMatchObject({ status: 204, body: undefined });
    }
    for (let i = 0; i < 3; i += 1) await ask("POST", "users/reset_password/", { email: "nobody@example.com" });
    expect((await ask("POST", "users/reset_password/", { email: person.email })).status).toBe(429);
  });
});

const newcomer = (email: string, fields: object = {}) => ({
  email,
  password: "correct horse battery",
  first_name: "New",
  last_name: "Comer",
  ...fields,
});

describe("auth/users/", () => {
  test("refuses who was not invited", async () => {
    const refusal = {
      status: 403,
      body: { detail: "User registration without an invite is disabled for this installation." },
    };
    expect(await ask("POST", "users/", newcomer("a@example.com"))).toMatchObject(refusal);
    expect(
      await ask("POST", "users/", newcomer("a@example.com", { invite_hash: "made-up", sign_up_type: "INVITE_LINK" })),
    ).toMatchObject(refusal);
  });

  test("takes an invitation for its own address only", async () => {
    const row = { organisation_id: stage.organisationId, role: "USER" as const, created_at: 1 };
    await stage.app.db.kysely
      .insertInto("invites")
      .values({ ...row, email: "invited@example.com", hash: "hash-1", permission_groups: "[]", invited_by: null })
      .execute();
    const sign = (email: string) => ask("POST", "users/", newcomer(email, { invite_hash: "hash-1" }));
    expect((await sign("other@example.com")).status).toBe(403);
    const { status, body } = await sign("Invited@example.com");
    expect(status).toBe(201);
    expect(body).toMatchObject({
      email: "invited@example.com",
      first_name: "New",
      sign_up_type: "INVITE_EMAIL",
      is_active: true,
    });
    const { key } = body as { key: string };
    expect((await callWith(stage.app.request, `Token ${key}`, "GET", `${AUTH}users/me/`)).status).toBe(200);
    expect(await sign("invited@example.com")).toMatchObject({
      status: 400,
      body: { email: ["Email already exists. Please log in."] },
    });
    expect((await stage.audit())[0]).toMatchObject({ actor: "sign-up", action: "CREATE", object_type: "user" });
  });

  test("takes a link until it expires", async () => {
    const link = (hash: string, expires_at: number | null) =>
      stage.app.db.kysely
        .insertInto("invite_links")
        .values({ organisation_id: stage.organisationId, hash, role: "USER", created_at: 1, expires_at })
        .execute();
    await link("for-ever", null);
    await link("gone", Date.now() + skew - 1);
    expect((await ask("POST", "users/", newcomer("b@example.com", { invite_hash: "gone" }))).status).toBe(403);
    const { status, body } = await ask("POST", "users/", newcomer("b@example.com", { invite_hash: "for-ever" }));
    expect([status, (body as { sign_up_type: string }).sign_up_type]).toEqual([201, "INVITE_LINK"]);
  });

  test("two at once with one address make one account", async () => {
    const open = await createStage({ accounts: { openSignUp: true } });
    try {
      const sign = () => callWith(open.app.request, undefined, "POST", `${AUTH}users/`, newcomer("twice@example.com"));
      const answers = await Promise.all([sign(), sign()]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 400]);
      const weak = newcomer("weak@example.com", { password: "weak@example" });
      expect((await callWith(open.app.request, undefined, "POST", `${AUTH}users/`, weak)).status).toBe(400);
    } finally {
      await open.close();
    }
  });
});
