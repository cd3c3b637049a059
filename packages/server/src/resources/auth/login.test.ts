import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { callWith, createPerson, createStage, type Stage, type TestPerson } from "../../testing/index.ts";
import { totpCode } from "../../testing/test-totp.ts";

let stage: Stage;
let skew = 0;

beforeAll(async () => {
  stage = await createStage({ now: () => Date.now() + skew });
});
afterAll(() => stage.close());

const ask = (method: string, path: string, body?: unknown, authorization?: string) =>
  callWith(stage.app.request, authorization, method, `/api/v1/auth/${path}`, body);
const login = (person: TestPerson, password = person.password) =>
  ask("POST", "login/", { email: person.email, password });
/** Past every limit. */
const rest = () => {
  skew += 61_000;
};
const me = (key: string) => ask("GET", "users/me/", undefined, `Token ${key}`);

describe("auth/login/", () => {
  test("gives a token that works, in any case of the address", async () => {
    const person = await createPerson(stage.app, { email: "login@example.com" });
    const { status, body } = await ask("POST", "login/", { email: "LOGIN@example.com", password: person.password });
    expect(status).toBe(200);
    const { key } = body as { key: string };
    expect((await me(key)).body).toMatchObject({ id: person.id, email: "login@example.com" });
    const stored = await stage.app.db.kysely.selectFrom("user_tokens").selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain(key);
    expect(await stage.app.db.kysely.selectFrom("sessions").selectAll().execute()).toEqual([]);
  });

  test("says the same of a wrong password and of nobody", async () => {
    const person = await createPerson(stage.app);
    const refusal = { status: 400, body: { non_field_errors: ["Unable to log in with provided credentials."] } };
    expect(await login(person, "wrong horse battery")).toMatchObject(refusal);
    expect(await ask("POST", "login/", { email: "nobody@example.com", password: "x" })).toMatchObject(refusal);
    expect(await ask("POST", "login/", { email: "no address", password: "x" })).toMatchObject(refusal);
  });

  test("refuses whoever is barred, and their tokens", async () => {
    const person = await createPerson(stage.app);
    await stage.app.db.kysely.updateTable("users").set({ is_active: 0 }).where("id", "=", person.id).execute();
    expect((await login(person)).status).toBe(400);
    expect(await me(person.token)).toMatchObject({ status: 401, body: { detail: "User inactive or deleted." } });
  });

  test.each([
    [{}, { email: ["This field is required."], password: ["This field is required."] }],
    [
      { email: [], password: null },
      { email: ["Not a valid string."], password: ["This field may not be null."] },
    ],
    [[], { non_field_errors: ["Invalid data. Expected a dictionary, but got list."] }],
  ])("refuses the body %j", async (body, expected) => {
    expect(await ask("POST", "login/", body)).toMatchObject({ status: 400, body: expected });
  });

  test("takes twenty tries a minute", async () => {
    rest();
    const body = { email: "guess@example.com", password: "" };
    for (let i = 0; i < 20; i += 1) await ask("POST", "login/", { ...body, password: `guess ${i}` });
    const refused = await ask("POST", "login/", { ...body, password: "guess 21" });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(refused.body).toMatchObject({ detail: expect.stringContaining("Request was throttled.") });
    rest();
    expect((await ask("POST", "login/", { ...body, password: "later" })).status).toBe(400);
  });
});

describe("auth/logout/ and auth/token/", () => {
  test("end one token, and all of them", async () => {
    rest();
    const person = await createPerson(stage.app);
    const keys = await Promise.all([login(person), login(person)]);
    const [first = "", second = ""] = keys.map(({ body }) => (body as { key: string }).key);
    expect((await ask("POST", "logout/", undefined, `Token ${first}`)).status).toBe(204);
    expect([(await me(first)).status, (await me(second)).status]).toEqual([401, 200]);
    expect((await ask("DELETE", "token/", undefined, `Token ${second}`)).status).toBe(204);
    expect([(await me(second)).status, (await person.call("GET", "/api/v1/auth/users/me/")).status]).toEqual([
      401, 401,
    ]);
  });

  test("are for people who are signed in", async () => {
    for (const [method, path] of [
      ["POST", "logout/"],
      ["DELETE", "token/"],
      ["GET", "users/me/"],
    ] as const) {
      expect((await ask(method, path)).status).toBe(401);
      expect((await stage.admin.call(method, `/api/v1/auth/${path}`)).status).toBe(403);
    }
  });

  test("a person has fifty tokens at most", async () => {
    const person = await createPerson(stage.app);
    const more = Array.from({ length: 60 }, (_, i) => ({ user_id: person.id, hash: `hash ${i}`, created_at: i }));
    await stage.app.db.kysely.insertInto("user_tokens").values(more).execute();
    rest();
    await login(person);
    const tokens = stage.app.db.kysely.selectFrom("user_tokens").select("id").where("user_id", "=", person.id);
    expect(await tokens.execute()).toHaveLength(50);
    expect((await me(person.token)).status).toBe(401);
  });

  test("the last use of a token is noted", async () => {
    const person = await createPerson(stage.app);
    await person.call("GET", "/api/v1/auth/users/me/");
    await Bun.sleep(50);
    const token = stage.app.db.kysely.selectFrom("user_tokens").select("last_used_at").where("user_id", "=", person.id);
    expect((await token.executeTakeFirstOrThrow()).last_used_at).toBeGreaterThan(0);
  });
});

/** Switches it on, and answers secret and backup codes. */
async function withTwoFactor(person: TestPerson): Promise<{ secret: string; codes: string[] }> {
  const begun = await person.call("POST", "/api/v1/auth/app/activate/");
  const { secret } = begun.body as { secret: string };
  const code = totpCode(secret, Date.now() + skew);
  const confirmed = await person.call("POST", "/api/v1/auth/app/activate/confirm/", { code });
  expect(confirmed.status).toBe(200);
  return { secret, codes: (confirmed.body as { backup_codes: string[] }).backup_codes };
}

describe("two-factor authentication", () => {
  test("is set up with a code, and shown as active only then", async () => {
    rest();
    const person = await createPerson(stage.app);
    const methods = async () => (await person.call("GET", "/api/v1/auth/mfa/user-active-methods/")).body;
    const begun = await person.call("POST", "/api/v1/auth/app/activate/");
    expect(begun).toMatchObject({
      status: 200,
      body: { qr_link: expect.stringContaining("otpauth://totp/Burgee%3A") },
    });
    expect(await methods()).toEqual([]);
    const wrong = await person.call("POST", "/api/v1/auth/app/activate/confirm/", { code: "abc" });
    expect(wrong).toMatchObject({ status: 400, body: { code: ["Code invalid or expired."] } });
    expect(await login(person)).toMatchObject({ body: { key: expect.any(String) } });

    const { codes } = await withTwoFactor(person);
    expect(codes).toHaveLength(10);
    expect(await methods()).toEqual([{ name: "app", is_primary: true }]);
    expect(await person.call("POST", "/api/v1/auth/app/activate/")).toMatchObject({
      status: 400,
      body: { error: "MFA method already active." },
    });
    const [entry] = await stage.audit();
    expect(entry).toMatchObject({ actor: `user:${person.id}`, object_type: "two_factor", action: "UPDATE" });
    const stored = await stage.app.db.kysely.selectFrom("two_factors").selectAll().execute();
    for (const code of codes) expect(JSON.stringify(stored)).not.toContain(code);
  });

  test("asks for a code at login, and takes one of the app", async () => {
    rest();
    const person = await createPerson(stage.app);
    const { secret } = await withTwoFactor(person);
    const challenged = await login(person);
    const { ephemeral_token, ...others } = challenged.body as { ephemeral_token: string };
    expect([challenged.status, others]).toEqual([200, { method: "app" }]);
    const wrong = await ask("POST", "login/code/", { ephemeral_token, code: "000000" });
    expect(wrong).toMatchObject({ status: 401, body: { detail: "Code invalid or expired." } });
    // better-auth has the machine's clock.
    const code = totpCode(secret, Date.now());
    const answer = await ask("POST", "login/code/", { ephemeral_token, code });
    expect(answer.status).toBe(200);
    expect((await me((answer.body as { key: string }).key)).status).toBe(200);
    expect((await ask("POST", "login/code/", { ephemeral_token, code })).status).toBe(401);
    expect((await ask("POST", "login/code/", { ephemeral_token: "made up", code })).status).toBe(401);
  });

  test("takes each backup code once", async () => {
    rest();
    const person = await createPerson(stage.app);
    const { codes } = await withTwoFactor(person);
    const tryCode = async () => {
      const { ephemeral_token } = (await login(person)).body as { ephemeral_token: string };
      return (await ask("POST", "login/code/", { ephemeral_token, code: codes[3] })).status;
    };
    expect([await tryCode(), await tryCode()]).toEqual([200, 401]);
  });

  test("takes five codes a minute", async () => {
    rest();
    const person = await createPerson(stage.app);
    await withTwoFactor(person);
    rest();
    const { ephemeral_token } = (await login(person)).body as { ephemeral_token: string };
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      const { status, headers } = await ask("POST", "login/code/", { ephemeral_token, code: `00000${i}` });
      statuses.push(status);
      if (status === 429) expect(Number(headers.get("Retry-After"))).toBeGreaterThan(0);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test("is switched off with a code of the app, or with a backup code", async () => {
    rest();
    const person = await createPerson(stage.app);
    const { secret } = await withTwoFactor(person);
    const end = (body?: unknown) => person.call("POST", "/api/v1/auth/app/deactivate/", body);
    expect((await end({ code: "000000" })).status).toBe(400);
    expect((await end({ code: totpCode(secret, Date.now() + skew) })).status).toBe(204);
    expect(await login(person)).toMatchObject({ body: { key: expect.any(String) } });
    const { codes } = await withTwoFactor(person);
    expect((await end({ code: codes[4] })).status).toBe(204);
  });

  test("is switched off without a code, as stock clients do, by whoever signed in just now", async () => {
    rest();
    const person = await createPerson(stage.app);
    const { codes } = await withTwoFactor(person);
    const end = (key: string) => ask("POST", "app/deactivate/", undefined, `Token ${key}`);
    skew += 11 * 60_000;
    expect(await end(person.token)).toMatchObject({
      status: 400,
      body: { code: [expect.stringContaining("required")] },
    });
    const { ephemeral_token } = (await login(person)).body as { ephemeral_token: string };
    const { body } = await ask("POST", "login/code/", { ephemeral_token, code: codes[0] });
    expect((await end((body as { key: string }).key)).status).toBe(204);
    expect((await person.call("GET", "/api/v1/auth/mfa/user-active-methods/")).body).toEqual([]);
  });

  test("there is no other method", async () => {
    const person = await createPerson(stage.app);
    expect((await person.call("POST", "/api/v1/auth/sms/activate/")).status).toBe(404);
  });
});

describe("an organisation that requires two-factor authentication", () => {
  test("lets members in once they have it", async () => {
    rest();
    const organisationId = stage.organisationId;
    const person = await createPerson(stage.app, { organisationId, role: "ADMIN" });
    const open = () => person.call("GET", `/api/v1/organisations/${organisationId}/`);
    expect((await open()).status).toBe(200);
    await stage.send(200, "PATCH", `/api/v1/organisations/${organisationId}/`, { force_2fa: true });
    try {
      expect(await open()).toMatchObject({ status: 403, body: { detail: expect.stringContaining("two-factor") } });
      expect((await person.call("GET", "/api/v1/organisations/")).body).toMatchObject({ count: 0 });
      expect((await person.call("GET", "/api/v1/auth/users/me/")).body).toMatchObject({
        two_factor_enabled: false,
        organisations: [{ role: "ADMIN", organisation: { id: organisationId, force_2fa: true } }],
      });
      await withTwoFactor(person);
      expect((await open()).status).toBe(200);
    } finally {
      await stage.send(200, "PATCH", `/api/v1/organisations/${organisationId}/`, { force_2fa: false });
    }
  });
});
