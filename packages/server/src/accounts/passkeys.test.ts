import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPerson, createStage, type Stage } from "../testing/index.ts";
import { createTestAuthenticator } from "../testing/test-authenticator.ts";
import { createTestBrowser, type TestBrowser } from "../testing/test-browser.ts";

const ORIGIN = "http://localhost:8000";
let stage: Stage;

beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

const browse = () => createTestBrowser(stage.app.request);
const passkeys = () => stage.app.db.kysely.selectFrom("passkeys").selectAll().execute();

async function signIn(browser: TestBrowser, device: ReturnType<typeof createTestAuthenticator>) {
  const options = await browser.send("GET", "/api/auth/passkey/generate-authenticate-options");
  return browser.send("POST", "/api/auth/passkey/verify-authentication", { response: device.sign(options.body) });
}

test("a passkey is added by whoever is signed in, signs in by itself, and is removed", async () => {
  const person = await createPerson(stage.app, { organisationId: stage.organisationId });
  const device = createTestAuthenticator("localhost", ORIGIN);
  const browser = browse();
  expect((await browser.send("GET", "/api/auth/passkey/generate-register-options")).status).toBe(401);
  await browser.send("POST", "/api/auth/sign-in/email", { email: person.email, password: person.password });

  const options = await browser.send("GET", "/api/auth/passkey/generate-register-options");
  const response = device.register(options.body);
  const added = await browser.send("POST", "/api/auth/passkey/verify-registration", { response, name: "laptop" });
  expect(added.status).toBe(200);
  expect(await passkeys()).toMatchObject([{ user_id: person.id, name: "laptop", counter: 1, backed_up: 0 }]);
  expect(await stage.audit()).toMatchObject([
    { actor: `user:${person.id}`, action: "CREATE", object_type: "passkey", organisation_id: stage.organisationId },
  ]);

  const other = browse();
  expect((await signIn(other, device)).status).toBe(200);
  expect((await other.send("GET", "/api/v1/auth/users/me/")).body).toMatchObject({ id: person.id });
  expect(await passkeys()).toMatchObject([{ counter: 2 }]);

  const id = String(added.body["id"]);
  expect((await other.send("POST", "/api/auth/passkey/delete-passkey", { id })).status).toBe(200);
  expect((await stage.audit())[0]).toMatchObject({ action: "DELETE", object_type: "passkey" });
  expect((await signIn(browse(), device)).status).toBe(401);
});

test("a passkey made for another site, or another challenge, is not believed", async () => {
  const person = await createPerson(stage.app);
  const browser = browse();
  await browser.send("POST", "/api/auth/sign-in/email", { email: person.email, password: person.password });
  const register = async (rpId: string, origin: string, challenge?: string) => {
    const options = await browser.send("GET", "/api/auth/passkey/generate-register-options");
    const response = createTestAuthenticator(rpId, origin).register(challenge ? { challenge } : options.body);
    return (await browser.send("POST", "/api/auth/passkey/verify-registration", { response })).status;
  };
  expect(await register("evil.example.com", ORIGIN)).not.toBe(200);
  expect(await register("localhost", "https://evil.example.com")).not.toBe(200);
  expect(await register("localhost", ORIGIN, "bm90IHRoZSBvbmU")).not.toBe(200);
  expect(await register("localhost", ORIGIN)).toBe(200);
});

test("nobody removes another's passkey", async () => {
  const [owner, thief] = [await createPerson(stage.app), await createPerson(stage.app)];
  const device = createTestAuthenticator("localhost", ORIGIN);
  const [own, other] = [browse(), browse()];
  await own.send("POST", "/api/auth/sign-in/email", { email: owner.email, password: owner.password });
  await other.send("POST", "/api/auth/sign-in/email", { email: thief.email, password: thief.password });
  const options = await own.send("GET", "/api/auth/passkey/generate-register-options");
  const response = device.register(options.body);
  const added = await own.send("POST", "/api/auth/passkey/verify-registration", { response });
  const id = String(added.body["id"]);
  expect((await other.send("POST", "/api/auth/passkey/delete-passkey", { id })).status).not.toBe(200);
  expect((await signIn(browse(), device)).status).toBe(200);
});
