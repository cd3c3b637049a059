import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createPerson, createStage, type Stage, type TestPerson } from "../testing/index.ts";
import { createTestBrowser, type TestBrowser } from "../testing/test-browser.ts";
import { totpCode } from "../testing/test-totp.ts";

let stage: Stage;
let skew = 0;

beforeAll(async () => {
  stage = await createStage({ now: () => Date.now() + skew });
});
afterAll(() => stage.close());

const createBrowser = (origin?: string | null) => createTestBrowser(stage.app.request, origin);

async function signedIn(person: TestPerson) {
  skew += 61_000;
  const browser = createBrowser();
  const answer = await browser.send("POST", "/api/auth/sign-in/email", {
    email: person.email,
    password: person.password,
  });
  expect(answer.status).toBe(200);
  return browser;
}

const audited = async (person: TestPerson) => {
  const rows = await stage.app.db.kysely
    .selectFrom("audit")
    .select(["actor", "action", "object_type", "request_id", "before", "after"])
    .where("actor", "=", `user:${person.id}`)
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    ...row,
    before: JSON.parse(row.before ?? "null"),
    after: JSON.parse(row.after ?? "null"),
  }));
};

describe("a session", () => {
  test("is a cookie that scripts cannot read, and opens the admin API", async () => {
    const person = await createPerson(stage.app, { organisationId: stage.organisationId, role: "ADMIN" });
    const browser = createBrowser();
    expect((await browser.send("GET", "/api/v1/auth/users/me/")).status).toBe(401);
    const answer = await browser.send("POST", "/api/auth/sign-in/email", {
      email: person.email,
      password: person.password,
    });
    expect(answer.headers.getSetCookie()[0]).toMatch(/^burgee\.session_token=.*; Path=\/; HttpOnly; SameSite=Lax/);
    expect((await browser.send("GET", "/api/v1/auth/users/me/")).body).toMatchObject({ id: person.id });
    expect((await browser.send("PATCH", "/api/v1/auth/users/me/", { first_name: "Ana" })).status).toBe(200);
    expect((await browser.send("POST", "/api/v1/auth/logout/")).status).toBe(204);
    expect((await browser.send("GET", "/api/v1/auth/users/me/")).status).toBe(401);
  });

  test("does not let another site's page write", async () => {
    const person = await createPerson(stage.app, { organisationId: stage.organisationId, role: "ADMIN" });
    const own = await signedIn(person);
    for (const origin of ["https://evil.example.com", "null", null]) {
      const page = createBrowser(origin);
      for (const [name, value] of own.jar) page.jar.set(name, value);
      const path = `/api/v1/organisations/${stage.organisationId}/`;
      const answer = await page.send("PATCH", path, { name: "taken over" });
      expect({ origin, status: answer.status }).toEqual({ origin, status: 403 });
      expect(answer.body["detail"]).toContain("CSRF");
      expect((await page.send("POST", "/api/auth/sign-out")).status).toBe(403);
    }
    expect((await own.send("GET", `/api/v1/organisations/${stage.organisationId}/`)).body).toMatchObject({
      name: "ours",
    });
  });

  test("that was made up or tampered with is none", async () => {
    const person = await createPerson(stage.app);
    const browser = await signedIn(person);
    const [name, value] = [...browser.jar][0] ?? ["", ""];
    for (const wrong of ["", "x", `${value}x`, value.replace(/^./, (letter) => (letter === "a" ? "b" : "a"))]) {
      browser.jar.set(name, wrong);
      expect((await browser.send("GET", "/api/v1/auth/users/me/")).status).toBe(401);
    }
  });

  test("of somebody who was barred opens nothing, and is not given", async () => {
    const person = await createPerson(stage.app);
    const browser = await signedIn(person);
    await stage.app.db.kysely.updateTable("users").set({ is_active: 0 }).where("id", "=", person.id).execute();
    expect((await browser.send("GET", "/api/v1/auth/users/me/")).status).toBe(401);
    const again = await createBrowser().send("POST", "/api/auth/sign-in/email", person);
    expect(again.status).toBe(401);
  });
});

describe("signing in", () => {
  test("fails alike for a wrong password and for nobody, twenty times a minute", async () => {
    skew += 61_000;
    const person = await createPerson(stage.app);
    const browser = createBrowser();
    const attempt = (email: string) =>
      browser.send("POST", "/api/auth/sign-in/email", { email, password: "wrong one" });
    const [wrong, nobody] = [await attempt(person.email), await attempt("nobody@example.com")];
    expect([wrong.status, wrong.body]).toEqual([nobody.status, nobody.body]);
    expect(wrong.status).toBe(401);
    for (let i = 0; i < 18; i += 1) await attempt("nobody@example.com");
    const refused = await attempt(person.email);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
  });

  test("works under the other names of this server, and from no other page", async () => {
    skew += 61_000;
    const person = await createPerson(stage.app);
    const from = (origin: string) =>
      createTestBrowser(stage.app.request, origin).send("POST", "http://127.0.0.1:8000/api/auth/sign-in/email", {
        ...{ email: person.email, password: person.password },
      });
    expect((await from("http://127.0.0.1:8000")).status).toBe(200);
    expect((await from("https://evil.example.com")).status).toBe(403);
  });

  test("is the only thing that strangers may do here", async () => {
    const browser = createBrowser();
    for (const path of [
      "sign-up/email",
      "request-password-reset",
      "reset-password",
      "change-email",
      "delete-user",
      "update-user",
    ]) {
      expect((await browser.send("POST", `/api/auth/${path}`, { email: "x@example.com" })).status).toBe(404);
    }
    for (const path of ["change-password", "two-factor/enable", "revoke-sessions"]) {
      const answer = await browser.send("POST", `/api/auth/${path}`, {
        ...{ password: "x", currentPassword: "x", newPassword: "quite another one", name: "x" },
      });
      expect({ path, status: answer.status }).toEqual({ path, status: 401 });
    }
  });
});

describe("an account", () => {
  test("changes its password by the rules, which ends its other sessions and tokens", async () => {
    const person = await createPerson(stage.app, { organisationId: stage.organisationId });
    const [browser, other] = [await signedIn(person), await signedIn(person)];
    const change = (newPassword: string) =>
      browser.send("POST", "/api/auth/change-password", { currentPassword: person.password, newPassword });
    expect(await change("password1")).toMatchObject({ status: 400, body: { code: "WEAK_PASSWORD" } });
    expect((await change("quite another one")).status).toBe(200);
    expect((await browser.send("GET", "/api/v1/auth/users/me/")).status).toBe(200);
    expect((await other.send("GET", "/api/v1/auth/users/me/")).status).toBe(401);
    expect((await person.call("GET", "/api/v1/auth/users/me/")).status).toBe(401);
    const [entry, ...more] = await audited(person);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ action: "UPDATE", object_type: "login", after: { password_changed: true } });
    expect(entry?.request_id).toBeString();
    expect(JSON.stringify(entry)).not.toContain("quite another");
  });

  test("sets up two-factor authentication, which sign-in then asks for", async () => {
    const person = await createPerson(stage.app, { organisationId: stage.organisationId });
    const browser = await signedIn(person);
    const enabled = await browser.send("POST", "/api/auth/two-factor/enable", { password: person.password });
    const { totpURI, backupCodes } = enabled.body as { totpURI: string; backupCodes: string[] };
    const secret = new URL(totpURI).searchParams.get("secret") ?? "";
    const verify = (from: TestBrowser, code: string) => from.send("POST", "/api/auth/two-factor/verify-totp", { code });
    expect((await verify(browser, totpCode(secret, Date.now()))).status).toBe(200);
    expect((await browser.send("GET", "/api/v1/auth/users/me/")).body).toMatchObject({ two_factor_enabled: true });

    const second = await signedIn(person);
    expect((await second.send("GET", "/api/v1/auth/users/me/")).status).toBe(401);
    expect((await verify(second, "000000")).status).toBe(401);
    expect((await verify(second, totpCode(secret, Date.now()))).status).toBe(200);
    expect((await second.send("GET", "/api/v1/auth/users/me/")).status).toBe(200);

    const third = await signedIn(person);
    const backup = () => third.send("POST", "/api/auth/two-factor/verify-backup-code", { code: backupCodes[0] });
    expect((await backup()).status).toBe(200);
    const entries = await audited(person);
    expect(entries.map((entry) => [entry.object_type, entry.action])).toEqual([
      ["two_factor", "CREATE"],
      ["user", "UPDATE"],
      ["two_factor", "UPDATE"],
    ]);
    expect(JSON.stringify(entries)).not.toContain(secret);

    // Token callers meet the same second factor.
    skew += 61_000;
    const login = { email: person.email, password: person.password };
    expect((await createBrowser().send("POST", "/api/v1/auth/login/", login)).body).toMatchObject({ method: "app" });
    expect((await person.call("GET", "/api/v1/auth/mfa/user-active-methods/")).body).toEqual([
      { name: "app", is_primary: true },
    ]);
    expect((await browser.send("POST", "/api/auth/two-factor/disable", { password: person.password })).status).toBe(
      200,
    );
    expect((await person.call("GET", "/api/v1/auth/mfa/user-active-methods/")).body).toEqual([]);
  });

  test("has its codes counted: five tries a minute", async () => {
    const person = await createPerson(stage.app);
    const begun = await person.call("POST", "/api/v1/auth/app/activate/");
    const code = totpCode((begun.body as { secret: string }).secret, Date.now() + skew);
    expect((await person.call("POST", "/api/v1/auth/app/activate/confirm/", { code })).status).toBe(200);
    const browser = await signedIn(person);
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) {
      statuses.push((await browser.send("POST", "/api/auth/two-factor/verify-totp", { code: `00000${i}` })).status);
    }
    expect(statuses.at(-1)).toBe(429);
    expect(statuses.slice(0, 5)).not.toContain(200);
  });

  test("shows and ends its sessions", async () => {
    const person = await createPerson(stage.app);
    const [browser, other] = [await signedIn(person), await signedIn(person)];
    const listed = await browser.send("GET", "/api/auth/list-sessions");
    expect(listed.body).toHaveLength(2);
    expect((await browser.send("POST", "/api/auth/revoke-other-sessions")).status).toBe(200);
    expect((await other.send("GET", "/api/v1/auth/users/me/")).status).toBe(401);
    expect((await browser.send("GET", "/api/v1/auth/users/me/")).status).toBe(200);
  });
});
