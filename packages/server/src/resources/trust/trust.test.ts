/** A workload's ID token becomes a short token of an organisation's, as far as a trust relationship says so. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createSign, generateKeyPairSync } from "node:crypto";
import { callWith, createStage, type Stage } from "../../testing/index.ts";
import { matchesPattern } from "./id-token.ts";

let stage: Stage;
let skew = 0;
let asked = 0;

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const others = generateKeyPairSync("rsa", { modulusLength: 2048 });
const published = { ...keys.publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" };
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  reusePort: false,
  fetch: (request): Response => {
    asked += 1;
    const { pathname } = new URL(request.url);
    if (pathname === "/.well-known/openid-configuration") return Response.json({ issuer, jwks_uri: `${issuer}/keys` });
    return Response.json({ keys: [published] });
  },
});
const issuer: string = `http://127.0.0.1:${server.port}`;

beforeAll(async () => {
  stage = await createStage({ privateWebhooks: true, now: () => Date.now() + skew });
});
afterAll(async () => {
  await stage.close();
  await server.stop(true);
});

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
function tokenWith(claims: object = {}, { header = {}, key = keys.privateKey } = {}): string {
  const now = Math.floor((Date.now() + skew) / 1000);
  const all = { iss: issuer, aud: "burgee", sub: "repo:burgee/app:ref:refs/heads/main", iat: now, exp: now + 300 };
  const signed = `${part({ alg: "RS256", kid: "one", ...header })}.${part({ ...all, ...claims })}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key, "base64url")}`;
}

const LIST = () => `/api/v1/organisations/${stage.organisationId}/trust-relationships/`;
const body = (more: object = {}) => ({
  name: "CI",
  issuer,
  audience: "burgee",
  claim_rules: [{ claim: "sub", values: ["repo:burgee/*:ref:refs/heads/main"] }],
  is_admin: true,
  ...more,
});
const exchange = (token: string) => {
  skew += 1100;
  return callWith(stage.app.request, undefined, "POST", "/api/v1/auth/oidc/token/", { token });
};
const projects = (token: unknown) =>
  callWith(stage.app.request, `Bearer ${token}`, "GET", `/api/v1/organisations/${stage.organisationId}/`);

interface Trust {
  readonly id: number;
  readonly master_api_key: string;
}

async function trusting<T>(more: object, work: (made: Trust) => Promise<T>): Promise<T> {
  const made = await stage.send<Trust>(201, "POST", LIST(), body(more));
  try {
    return await work(made);
  } finally {
    await stage.send(204, "DELETE", `${LIST()}${made.id}/`);
  }
}

describe("a trusted token", () => {
  test("becomes one that acts as the relationship's key for an hour, and ends with the relationship", async () => {
    const token = await trusting({}, async ({ id }) => {
      const { status, body: given } = await exchange(tokenWith());
      expect(status).toBe(200);
      expect(given).toEqual({ access_token: expect.any(String), token_type: "Bearer", expires_in: 3600 });
      const [entry] = await stage.audit();
      expect(entry).toMatchObject({ object_type: "access_token", object_id: String(id) });
      expect(JSON.parse(entry?.after ?? "")).toMatchObject({ subject: "repo:burgee/app:ref:refs/heads/main" });
      const { access_token } = given as { access_token: string };
      expect((await projects(access_token)).status).toBe(200);
      skew += 3_601_000;
      expect((await projects(access_token)).status).toBe(401);
      return ((await exchange(tokenWith())).body as { access_token: string }).access_token;
    });
    expect((await projects(token)).status).toBe(401);
  });

  test("has the rights that its key was given, and none without", async () => {
    await trusting({ is_admin: false }, async ({ id, master_api_key }) => {
      const { access_token } = (await exchange(tokenWith())).body as { access_token: string };
      const create = (name: string) =>
        callWith(stage.app.request, `Bearer ${access_token}`, "POST", "/api/v1/projects/", {
          name,
          organisation: stage.organisationId,
        });
      expect((await create("not yet")).status).toBe(403);
      await stage.send(200, "PATCH", `${LIST()}${id}/`, { is_admin: true });
      expect((await create("by a workload")).status).toBe(201);
      const key = `/api/v1/organisations/${stage.organisationId}/master-api-keys/${master_api_key}/`;
      await stage.send(200, "PATCH", key, { revoked: true });
      expect((await create("too late")).status).toBe(401);
      expect((await exchange(tokenWith())).status).toBe(401);
    });
  });

  test.each([
    ["another audience", () => tokenWith({ aud: "somebody" })],
    ["another issuer", () => tokenWith({ iss: "https://elsewhere.example.com" })],
    ["other claims", () => tokenWith({ sub: "repo:burgee/app:pull_request" })],
    ["no such claim", () => tokenWith({ sub: undefined })],
    ["an end that has passed", () => tokenWith({ exp: 1_000_000 })],
    ["a beginning to come", () => tokenWith({ nbf: 4_000_000_000 })],
    ["another's signature", () => tokenWith({}, { key: others.privateKey })],
    ["an unknown key", () => tokenWith({}, { header: { kid: "two" } })],
    [
      "no signature",
      () =>
        `${tokenWith({}, { header: { alg: "none" } })
          .split(".")
          .slice(0, 2)
          .join(".")}.`,
    ],
    ["a shared secret's", () => tokenWith({}, { header: { alg: "HS256" } })],
    ["changed claims", () => tokenWith().replace(/\.[^.]+\./, `.${part({ iss: issuer, aud: "burgee", exp: 4e9 })}.`)],
  ])("with %s is refused, without a word why", async (_what, make) => {
    await trusting({}, async () => {
      expect(await exchange(make())).toMatchObject({ status: 401, body: { detail: "The token is not trusted." } });
    });
  });

  test("that nobody trusts sends nobody anywhere; what is none is said to be none", async () => {
    const before = asked;
    expect((await exchange(tokenWith())).status).toBe(401);
    expect(asked).toBe(before);
    expect(await exchange("a.b.c")).toMatchObject({ status: 400, body: { token: ["It is no ID token."] } });
  });
});

test("keys are kept, and an unknown one has the issuer asked once a minute", async () => {
  await trusting({}, async () => {
    await exchange(tokenWith());
    const before = asked;
    await exchange(tokenWith());
    await exchange(tokenWith());
    expect(asked).toBe(before);
    skew += 61_000;
    await exchange(tokenWith({}, { header: { kid: "two" } }));
    await exchange(tokenWith({}, { header: { kid: "three" } }));
    expect(asked).toBe(before + 2);
  });
});

test.each([
  [{ issuer: "no address" }, "issuer"],
  [{ issuer: "https://a.example.com/?x=1" }, "issuer"],
  [{ claim_rules: [] }, "claim_rules"],
  [{ claim_rules: [{ claim: "sub", values: ["*"] }] }, "claim_rules"],
  [{ name: "x".repeat(101) }, "name"],
])("a relationship is refused with %p", async (wrong, field) => {
  const refused = await stage.send<Record<string, unknown>>(400, "POST", LIST(), body(wrong));
  expect(Object.keys(refused)).toEqual([field]);
});

test("issuer and audience are trusted once, in all organisations", async () => {
  await trusting({}, async () => {
    const theirs = `/api/v1/organisations/${stage.stranger.organisationId}/trust-relationships/`;
    for (const answer of [
      await stage.admin.call("POST", LIST(), body()),
      await stage.stranger.call("POST", theirs, body()),
    ]) {
      expect(answer).toMatchObject({ status: 400, body: { non_field_errors: [expect.any(String)] } });
    }
  });
});

test("where webhooks may not go, issuers have to be https and public", async () => {
  const guarded = await createStage();
  const path = `/api/v1/organisations/${guarded.organisationId}/trust-relationships/`;
  for (const wrong of [issuer, "https://127.0.0.1/", "https://intranet/", "http://a.example.com"]) {
    await guarded.send(400, "POST", path, body({ issuer: wrong }));
  }
  await guarded.send(201, "POST", path, body({ issuer: "https://token.actions.githubusercontent.com" }));
  await guarded.close();
});

test.each([
  ["abc", "abc", true],
  ["abc", "a*c", true],
  ["ac", "a*c", true],
  ["abc", "*", true],
  ["abab", "ab*ab", true],
  ["aba", "ab*ba", false],
  ["a.c", "abc", false],
  ["axbxc", "a*b*c", true],
  ["axc", "a*b*c", false],
  ["prefix-x", "prefix-*-x", false],
])("%p against %p is %p", (text, pattern, holds) => {
  expect(matchesPattern(text, pattern)).toBe(holds);
});
