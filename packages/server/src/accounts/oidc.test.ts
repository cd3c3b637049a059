import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createPerson, createStage, type Stage } from "../testing/index.ts";
import { createTestBrowser } from "../testing/test-browser.ts";
import { startTestProvider, type TestProvider } from "../testing/test-provider.ts";
import type { OidcSettings } from "./settings.ts";

let provider: TestProvider;
let stage: Stage;

const settings = (issuer: string, more: Partial<OidcSettings> = {}): OidcSettings => ({
  issuer,
  clientId: "burgee",
  clientSecret: "a client secret",
  name: "Acme login",
  scopes: ["openid", "email", "profile"],
  signUp: false,
  trustEmail: false,
  ...more,
});

beforeAll(async () => {
  provider = startTestProvider();
  stage = await createStage({ accounts: { oidc: settings(provider.issuer) } });
});
afterAll(async () => {
  await stage.close();
  await provider.stop();
});

/** The way through the provider and back; answers where the browser ends up, and who it is then. */
async function signIn(person: Readonly<Record<string, unknown>>, on: Stage = stage) {
  provider.person = person;
  const browser = createTestBrowser(on.app.request);
  const begun = await browser.send("POST", "/api/auth/sign-in/social", { provider: "oidc", callbackURL: "/projects" });
  expect(begun.status).toBe(200);
  const back = await browser.send("GET", provider.answer(String(begun.body["url"])));
  const me = await browser.send("GET", "/api/v1/auth/users/me/");
  return { location: back.headers.get("Location") ?? "", me: me.status === 200 ? me.body : undefined };
}

const invite = (email: string) =>
  stage.app.db.kysely
    .insertInto("invites")
    .values({
      organisation_id: stage.organisationId,
      email,
      hash: `hash of ${email}`,
      role: "ADMIN",
      permission_groups: "[]",
      invited_by: null,
      created_at: 1,
    })
    .execute();

describe("an identity provider", () => {
  test("is named to whoever wants to sign in", async () => {
    const { body } = await createTestBrowser(stage.app.request).send("GET", "/api/v1/setup/");
    expect(body["oidc"]).toEqual({ provider: "oidc", name: "Acme login" });
  });

  test("does not let in who was not invited", async () => {
    const { location, me } = await signIn({ sub: "1", email: "stranger@example.com", email_verified: true });
    expect(location).toContain("error=invitation_required");
    expect(me).toBeUndefined();
    const users = await stage.app.db.kysely.selectFrom("users").selectAll().execute();
    expect(users).toEqual([]);
  });

  test("makes an account for who was invited, and a member, and says so in the log", async () => {
    await invite("ana@example.com");
    const person = { sub: "2", email: "Ana@Example.com", email_verified: true, name: "Ana Maria Lima" };
    const { location, me } = await signIn(person);
    expect(location).toEndWith("/projects");
    expect(me).toMatchObject({
      email: "ana@example.com",
      first_name: "Ana",
      last_name: "Maria Lima",
      auth_type: "OIDC",
      organisations: [{ role: "ADMIN", organisation: { id: stage.organisationId } }],
    });
    const entries = (await stage.audit(3)).map((entry) => `${entry.action} ${entry.object_type}`);
    expect(entries.sort()).toEqual(["CREATE login", "CREATE member", "CREATE user"]);
    const logins = await stage.app.db.kysely.selectFrom("user_logins").selectAll().execute();
    expect(logins).toMatchObject([{ provider_id: "oidc", account_id: "2", access_token: null, id_token: null }]);
    expect((await signIn(person)).me).toMatchObject({ id: me?.["id"] });
  });

  test("that does not vouch for the address is not believed", async () => {
    await invite("ben@example.com");
    expect((await signIn({ sub: "3", email: "ben@example.com" })).me).toBeUndefined();
    const held = await createPerson(stage.app, { email: "held@example.com" });
    expect((await signIn({ sub: "4", email: held.email })).me).toBeUndefined();
  });

  test("opens an account whose address is known to be the person's, and no other", async () => {
    const vouched = await createPerson(stage.app, { email: "vouched@example.com" });
    const person = { sub: "5", email: vouched.email, email_verified: true };
    expect((await signIn(person)).me).toMatchObject({ id: vouched.id });
    // Somebody may have signed up with an address that is another's, and waits for its owner.
    const squatter = await createPerson(stage.app, { email: "owner@example.com" });
    const unverified = stage.app.db.kysely
      .updateTable("users")
      .set({ email_verified: 0 })
      .where("id", "=", squatter.id);
    await unverified.execute();
    expect((await signIn({ sub: "6", email: "owner@example.com", email_verified: true })).me).toBeUndefined();
  });

  test("whose token is not for us, or signed by another, is not believed", async () => {
    await invite("carl@example.com");
    const person = { sub: "7", email: "carl@example.com", email_verified: true };
    for (const wrong of [{ aud: "another" }, { iss: "https://evil.example.com" }, { nonce: "x" }, { exp: 1 }]) {
      expect((await signIn({ ...person, ...wrong })).me).toBeUndefined();
    }
    expect((await signIn(person)).me).toMatchObject({ email: "carl@example.com" });
  });

  test("may let everybody in where the operator says so", async () => {
    const open = await createStage({
      accounts: { oidc: settings(provider.issuer, { signUp: true, trustEmail: true }) },
    });
    try {
      const { me } = await signIn({ sub: "8", email: "new@example.com", name: "New" }, open);
      expect(me).toMatchObject({ email: "new@example.com", organisations: [] });
    } finally {
      await open.close();
    }
  });

  test("that does not answer keeps nobody else out, and is asked again later", async () => {
    let clock = Date.now();
    let isSilent = true;
    const silent = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      reusePort: false,
      fetch: async (request) =>
        isSilent ? new Response("", { status: 503 }) : fetch(`${provider.issuer}${new URL(request.url).pathname}`),
    });
    const late = await createStage({
      now: () => clock,
      accounts: { oidc: settings(`http://127.0.0.1:${silent.port}`) },
    });
    try {
      const person = await createPerson(late.app);
      const browser = createTestBrowser(late.app.request);
      const begin = () => browser.send("POST", "/api/auth/sign-in/social", { provider: "oidc" });
      expect((await begin()).status).toBe(404);
      expect((await browser.send("POST", "/api/auth/sign-in/email", person)).status).toBe(200);
      isSilent = false;
      expect((await begin()).status).toBe(404);
      clock += 31_000;
      expect((await begin()).status).toBe(200);
    } finally {
      await late.close();
      await silent.stop(true);
    }
  });
});
