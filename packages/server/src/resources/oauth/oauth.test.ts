/** A program is let in by a person, as stock command lines do it: discovery, consent, code, tokens, refresh, revocation. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { callWith, createPerson, createStage, type Stage, type TestPerson } from "../../testing/index.ts";

let stage: Stage;
let person: TestPerson;
let skew = 0;

beforeAll(async () => {
  stage = await createStage({ now: () => Date.now() + skew });
  person = await createPerson(stage.app, { organisationId: stage.organisationId, role: "ADMIN" });
});
afterAll(() => stage.close());

const AUTHORISE = "/api/v1/oauth/authorize/";
const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const challenge = createHash("sha256").update(verifier).digest("base64url");
const asked = {
  response_type: "code",
  client_id: "flagsmith-cli",
  redirect_uri: "http://127.0.0.1:45123/callback",
  scope: "admin-api",
  state: "a state",
  code_challenge: challenge,
  code_challenge_method: "S256",
};

async function form(path: string, fields: Readonly<Record<string, string>>) {
  skew += 1100;
  const answer = await stage.app.request(path, { method: "POST", body: new URLSearchParams(fields) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown>, headers: answer.headers };
}

async function codeFor(more: object = {}): Promise<string> {
  const answer = await person.call("POST", AUTHORISE, { ...asked, ...more, allow: true });
  expect(answer.status).toBe(200);
  return new URL((answer.body as { redirect_uri: string }).redirect_uri).searchParams.get("code") ?? "";
}

const exchange = (code: string, more: object = {}) =>
  form("/o/token/", {
    grant_type: "authorization_code",
    code,
    client_id: asked.client_id,
    redirect_uri: asked.redirect_uri,
    code_verifier: verifier,
    ...more,
  });
const renew = (refresh_token: unknown, client_id = asked.client_id) =>
  form("/o/token/", { grant_type: "refresh_token", refresh_token: String(refresh_token), client_id });
const me = (token: unknown) =>
  callWith(stage.app.request, `Bearer ${token}`, "GET", "/api/v1/auth/users/me/").then(({ status }) => status);

test("discovery names this server by the name it was reached by, and endpoints on it", async () => {
  const metadata = async (host: string) => {
    const headers = { Host: host };
    const answer = await stage.app.request("/.well-known/oauth-authorization-server", { headers });
    return (await answer.json()) as Record<string, unknown>;
  };
  expect(await metadata("127.0.0.1:9000")).toMatchObject({
    issuer: "http://127.0.0.1:9000",
    authorization_endpoint: "http://127.0.0.1:9000/oauth/authorize/",
    token_endpoint: "http://127.0.0.1:9000/o/token/",
    registration_endpoint: "http://127.0.0.1:9000/o/register/",
    revocation_endpoint: "http://127.0.0.1:9000/o/revoke_token/",
    code_challenge_methods_supported: ["S256"],
  });
  expect((await metadata("evil.example.com"))["issuer"]).toBe("http://localhost:8000");
});

describe("the command line", () => {
  test("is let in, acts for the person, refreshes, and gives its access back", async () => {
    const query = new URLSearchParams(asked);
    const shown = await person.call("GET", `${AUTHORISE}?${query}`);
    expect(shown).toMatchObject({
      status: 200,
      body: { application: { name: "Flagsmith CLI", client_id: "flagsmith-cli" }, is_verified: true },
    });
    const consent = await person.call("POST", AUTHORISE, { ...asked, allow: true });
    const back = new URL((consent.body as { redirect_uri: string }).redirect_uri);
    expect([back.origin + back.pathname, back.searchParams.get("state")]).toEqual([asked.redirect_uri, "a state"]);
    expect((await stage.audit())[0]).toMatchObject({ object_type: "oauth_grant", actor: `user:${person.id}` });
    const first = await exchange(back.searchParams.get("code") ?? "");
    expect(first).toMatchObject({ status: 200, body: { token_type: "Bearer", expires_in: 3600, scope: "admin-api" } });
    expect(first.headers.get("cache-control")).toBe("no-store");
    expect(await me(first.body["access_token"])).toBe(200);
    expect(await me(first.body["refresh_token"])).toBe(401);
    const second = await renew(first.body["refresh_token"]);
    expect(second.status).toBe(200);
    expect(await me(second.body["access_token"])).toBe(200);
    expect((await form("/o/revoke_token/", { token: String(second.body["refresh_token"]) })).status).toBe(200);
    expect([await me(first.body["access_token"]), await me(second.body["access_token"])]).toEqual([401, 401]);
    expect((await renew(second.body["refresh_token"])).status).toBe(400);
  });

  test("gets nothing with a used, foreign or old code, nor without what was hashed", async () => {
    const refused = { status: 400, body: { error: "invalid_grant" } };
    const code = await codeFor();
    expect(await exchange(code, { code_verifier: "another verifier of the right length, surely" })).toMatchObject(
      refused,
    );
    expect(await exchange(code)).toMatchObject(refused);
    expect(await exchange(await codeFor(), { redirect_uri: "http://127.0.0.1:1/callback" })).toMatchObject(refused);
    expect(await exchange(await codeFor(), { client_id: "somebody else" })).toMatchObject(refused);
    const old = await codeFor();
    skew += 121_000;
    expect(await exchange(old)).toMatchObject(refused);
  });

  test("that comes back with a replaced refresh token loses all, for somebody else has used it", async () => {
    const { body } = await exchange(await codeFor());
    const { body: next } = await renew(body["refresh_token"]);
    expect((await renew(body["refresh_token"])).status).toBe(200);
    skew += 121_000;
    expect((await renew(body["refresh_token"])).status).toBe(400);
    expect(await me(next["access_token"])).toBe(401);
    expect((await renew(next["refresh_token"])).status).toBe(400);
  });

  test("is out after an hour, after a new password, and when the person is barred", async () => {
    const { body } = await exchange(await codeFor());
    skew += 3_601_000;
    expect(await me(body["access_token"])).toBe(401);
    const { body: fresh } = await renew(body["refresh_token"]);
    const passwords = { current_password: person.password, new_password: "battery horse correct 9" };
    expect((await person.call("POST", "/api/v1/auth/users/set_password/", passwords)).status).toBe(204);
    expect([await me(fresh["access_token"]), (await renew(fresh["refresh_token"])).status]).toEqual([401, 400]);
  });

  test("cannot let programs in itself, and tokens stand nowhere in the clear", async () => {
    const { body } = await exchange(await codeFor());
    const answer = await callWith(stage.app.request, `Bearer ${body["access_token"]}`, "POST", AUTHORISE, {
      ...asked,
      allow: true,
    });
    expect(answer.status).toBe(403);
    const rows = JSON.stringify(await stage.app.db.kysely.selectFrom("access_tokens").selectAll().execute());
    for (const secret of [body["access_token"], body["refresh_token"]]) expect(rows).not.toContain(String(secret));
  });
});

describe("what is asked for", () => {
  test.each([
    [{ client_id: "unknown" }, "invalid_client"],
    [{ redirect_uri: "https://evil.example.com/callback" }, "invalid_request"],
    [{ redirect_uri: "http://localhost:45123/callback" }, "invalid_request"],
    [{ redirect_uri: "http://127.0.0.1:45123/elsewhere" }, "invalid_request"],
    [{ response_type: "token" }, "unsupported_response_type"],
    [{ code_challenge_method: "plain" }, "invalid_request"],
    [{ code_challenge: "" }, "invalid_request"],
    [{ scope: "everything" }, "invalid_scope"],
  ])("is refused before the person is asked: %p", async (wrong, error) => {
    const query = new URLSearchParams({ ...asked, ...wrong });
    expect(await person.call("GET", `${AUTHORISE}?${query}`)).toMatchObject({ status: 400, body: { error } });
    const answer = await person.call("POST", AUTHORISE, { ...asked, ...wrong, allow: true });
    expect(answer).toMatchObject({ status: 400, body: { error } });
  });

  test("is refused by the person in the program's hearing", async () => {
    const { body } = await person.call("POST", AUTHORISE, { ...asked, allow: false });
    const back = new URL((body as { redirect_uri: string }).redirect_uri);
    expect(Object.fromEntries(back.searchParams)).toEqual({ error: "access_denied", state: "a state" });
  });

  test("is a person's to grant: a key has nobody to act for", async () => {
    expect((await stage.admin.call("POST", AUTHORISE, { ...asked, allow: true })).status).toBe(403);
  });
});

describe("a program that registers itself", () => {
  const register = (body: object) => {
    skew += 7000;
    return callWith(stage.app.request, undefined, "POST", "/o/register/", body);
  };

  test("is shown by the name it gave, as a stranger, and let in like the command line", async () => {
    const redirect = "https://editor.example.com/back";
    const made = await register({ client_name: "My editor", redirect_uris: [redirect] });
    expect(made).toMatchObject({
      status: 201,
      body: { client_name: "My editor", redirect_uris: [redirect], token_endpoint_auth_method: "none" },
    });
    const { client_id } = made.body as { client_id: string };
    const mine = { ...asked, client_id, redirect_uri: redirect, scope: "mcp" };
    const shown = await person.call("GET", `${AUTHORISE}?${new URLSearchParams(mine)}`);
    expect(shown.body).toMatchObject({ application: { name: "My editor" }, is_verified: false });
    const code = await codeFor(mine);
    expect((await exchange(code, { client_id, redirect_uri: redirect })).status).toBe(200);
  });

  test.each([
    [{ client_name: "" }, "invalid_client_metadata"],
    [{ client_name: "Fl\u0430gsmith" }, "invalid_client_metadata"],
    [{ redirect_uris: [] }, "invalid_redirect_uri"],
    [{ redirect_uris: "https://a.example.com" }, "invalid_redirect_uri"],
    [{ redirect_uris: ["http://a.example.com/back"] }, "invalid_redirect_uri"],
    [{ redirect_uris: ["javascript:alert(1)"] }, "invalid_redirect_uri"],
    [{ redirect_uris: ["https://*.example.com/"] }, "invalid_redirect_uri"],
    [{ token_endpoint_auth_method: "client_secret_basic" }, "invalid_client_metadata"],
    [{ grant_types: ["implicit"] }, "invalid_client_metadata"],
  ])("is refused with %p", async (wrong, error) => {
    const body = { client_name: "Editor", redirect_uris: ["https://a.example.com/"], ...wrong };
    expect(await register(body)).toMatchObject({ status: 400, body: { error } });
  });
});

test("the consent page runs nothing from elsewhere, and nobody else may frame it", async () => {
  const page = await stage.app.request(`/oauth/authorize/?${new URLSearchParams(asked)}`);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
  const html = await page.text();
  expect(html).toContain('<script src="/oauth/authorize/consent.js">');
  expect(html).not.toContain("flagsmith-cli");
  const script = await stage.app.request("/oauth/authorize/consent.js");
  expect(script.headers.get("content-type")).toContain("javascript");
});
