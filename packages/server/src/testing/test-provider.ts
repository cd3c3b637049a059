/** An OpenID Connect provider of our own, just large enough: discovery, keys, and tokens for whoever is named next. */
import { createSign, generateKeyPairSync, randomUUID } from "node:crypto";

export interface TestProvider {
  readonly issuer: string;
  /** Claims of the person who signs in next. */
  person: Readonly<Record<string, unknown>>;
  /** What the browser brings back from the provider's page, for the address it was sent to. */
  answer(authorizationUrl: string): string;
  stop(): Promise<void>;
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

export function startTestProvider(): TestProvider {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = { ...publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" };
  const pending = new Map<string, { readonly nonce: string | null; readonly clientId: string | null }>();

  const idToken = (code: string): string => {
    const { nonce, clientId } = pending.get(code) ?? { nonce: null, clientId: null };
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: provider.issuer, aud: clientId, iat: now, exp: now + 300, nonce, ...provider.person };
    const signed = `${base64({ alg: "RS256", kid: "one" })}.${base64(claims)}`;
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(privateKey, "base64url")}`;
  };

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    reusePort: false,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      const { issuer } = provider;
      if (pathname === "/.well-known/openid-configuration") {
        return Response.json({
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          id_token_signing_alg_values_supported: ["RS256"],
        });
      }
      if (pathname === "/keys") return Response.json({ keys: [key] });
      if (pathname !== "/token") return new Response("", { status: 404 });
      const code = new URLSearchParams(await request.text()).get("code") ?? "";
      if (!pending.has(code)) return Response.json({ error: "invalid_grant" }, { status: 400 });
      return Response.json({ access_token: "secret-access", token_type: "Bearer", id_token: idToken(code) });
    },
  });

  const provider: TestProvider = {
    issuer: `http://127.0.0.1:${server.port}`,
    person: {},
    answer: (authorizationUrl) => {
      const asked = new URL(authorizationUrl).searchParams;
      const code = randomUUID();
      pending.set(code, { nonce: asked.get("nonce"), clientId: asked.get("client_id") });
      const back = new URL(asked.get("redirect_uri") ?? "");
      back.searchParams.set("code", code);
      back.searchParams.set("state", asked.get("state") ?? "");
      return `${back.pathname}${back.search}`;
    },
    stop: () => server.stop(true),
  };
  return provider;
}
