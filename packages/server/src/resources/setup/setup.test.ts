import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createSetupToken } from "../../accounts/first-account.ts";
import { callWith, createOrganisation, createTestApp, type TestApp } from "../../testing/index.ts";

let app: TestApp;
let clock = 1_800_000_000_000;
let token: string;

beforeEach(async () => {
  app = await createTestApp({ now: () => clock });
  token = await createSetupToken(app.db.kysely, clock);
});
afterEach(() => app.close());

const account = {
  email: "Ana@Example.com",
  password: "correct horse battery",
  first_name: "Ana",
  last_name: "Lima",
  organisation_name: "Acme",
};
const post = (body: unknown, link = token) => callWith(app.request, undefined, "POST", `/api/v1/setup/${link}/`, body);

describe("the set-up link", () => {
  test("is needed where nobody has an account, and only there", async () => {
    const state = () => callWith(app.request, undefined, "GET", "/api/v1/setup/");
    expect((await state()).body).toEqual({ setup_required: true, open_sign_up: false, oidc: null });
    expect((await post(account)).status).toBe(201);
    expect((await state()).body).toMatchObject({ setup_required: false });
  });

  test("makes a person, an organisation and a membership, each with its entry in the log", async () => {
    const { status, body } = await post(account);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      user: { email: "ana@example.com", first_name: "Ana", last_name: "Lima" },
      organisation: { name: "Acme" },
    });
    const log = await app.db.kysely.selectFrom("audit").select(["actor", "action", "object_type", "after"]).execute();
    expect(log.map((row) => [row.actor, row.action, row.object_type])).toEqual([
      ["setup", "CREATE", "organisation"],
      ["setup", "CREATE", "user"],
      ["setup", "CREATE", "member"],
    ]);
    expect(JSON.stringify(log)).not.toContain(account.password);
  });

  test("also hands over what was imported before there were people", async () => {
    const imported = await createOrganisation(app.db, "Imported");
    const acme = await createOrganisation(app.db, "Acme");
    const { body } = await post(account);
    expect(body).toMatchObject({ organisation: { id: acme } });
    const members = await app.db.kysely
      .selectFrom("organisation_members")
      .selectAll()
      .orderBy("organisation_id")
      .execute();
    expect(members.map((row) => [row.organisation_id, row.role])).toEqual([
      [imported, "ADMIN"],
      [acme, "ADMIN"],
    ]);
  });

  test("is not stored as it is, and dies by use, by age and by a newer one", async () => {
    const stored = await app.db.kysely.selectFrom("verifications").selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain(token);
    const older = token;
    token = await createSetupToken(app.db.kysely, clock);
    expect((await post(account, older)).status).toBe(404);
    clock += 24 * 60 * 60 * 1000;
    expect((await post(account)).status).toBe(404);
    clock -= 1;
    expect((await callWith(app.request, undefined, "GET", `/api/v1/setup/${token}/`)).status).toBe(200);
    const answers = await Promise.all([post(account), post({ ...account, email: "ben@example.com" })]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 404]);
    expect(await app.db.kysely.selectFrom("users").select("id").execute()).toHaveLength(1);
  });

  test.each([
    [{ email: "nobody" }, { email: ["Enter a valid email address."] }],
    [{ password: "password1" }, { password: ["This password is too common."] }],
    [{ password: "AnaLima" }, { password: expect.arrayContaining([expect.stringContaining("too short")]) }],
    [{ organisation_name: " " }, { organisation_name: ["This field may not be blank."] }],
  ])("refuses %j and stays usable", async (wrong, body) => {
    expect(await post({ ...account, ...wrong })).toMatchObject({ status: 400, body });
    expect((await post(account)).status).toBe(201);
  });
});
