/** Programs that act for a person: stock command lines sign in this way. Public clients, codes with PKCE, tokens that end. */
import {
  authoriseQuery,
  authoriseSchema,
  bearerSchema,
  consentInput,
  consentSchema,
  emptySchema,
  registeredSchema,
  registerInput,
  revokeInput,
  serverMetadataSchema,
  tokenInput,
} from "@burgee/contract/admin";
import { personOf } from "../../access/person.ts";
import { ACCESS_SECONDS, type IssuedTokens, refresh, revoke } from "../../accounts/access-tokens.ts";
import type { Accounts } from "../../accounts/accounts.ts";
import { accountEntries } from "../../accounts/audited-models.ts";
import type { AuditEntry, Changes } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, answer } from "../../http/admin-door.ts";
import { createCode, exchangeCode, readAuthorisation, redirectWith, SCOPES } from "./authorise.ts";
import { register } from "./clients.ts";
import { oauthError } from "./oauth-error.ts";

export interface OauthDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly accounts: Accounts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const tag = "oauth";
const AUTHORISE = "/api/v1/oauth/authorize/";

const entryOf = (
  action: AuditEntry["action"],
  userId: number,
  client: { readonly name: string; readonly clientId: string },
): Omit<AuditEntry, "organisationId"> => ({
  action,
  objectType: "oauth_grant",
  objectId: String(userId),
  projectId: null,
  environmentId: null,
  subjects: [{ type: "user", id: String(userId) }],
  log: `${client.name} ${action === "CREATE" ? "was let in to act for a person" : "gave its access back"}`,
  before: action === "CREATE" ? null : { client: client.clientId },
  after: action === "CREATE" ? { client: client.clientId } : null,
});

/** A token that was given to a program must not give itself a longer life. */
function assertNoBearer(request: Request): void {
  if (!/^bearer /i.test(request.headers.get("authorization") ?? "")) return;
  throw new AppError("forbidden", { detail: "Programs cannot let programs in: sign in yourself." });
}

function mountConsent(api: AdminApi, { db, changes, now }: OauthDeps): void {
  api.route(
    {
      method: "get",
      path: AUTHORISE,
      summary: "What a program asks for, before the person decides",
      tag,
      query: authoriseQuery,
      responses: { 200: authoriseSchema },
    },
    async ({ caller, query, request }) => {
      personOf(caller);
      assertNoBearer(request);
      const { client, scopes, redirectUri } = await readAuthorisation(db, query);
      return {
        application: { name: client.name, client_id: client.clientId },
        scopes: Object.fromEntries(scopes.map((scope) => [scope, SCOPES[scope]])),
        redirect_uri: redirectUri,
        is_verified: client.isVerified,
      };
    },
  );

  api.route(
    {
      method: "post",
      path: AUTHORISE,
      summary: "Let it in, or not; answers where the browser takes that",
      tag,
      body: consentInput,
      responses: { 200: consentSchema },
    },
    async ({ caller, body, audited, request }) => {
      const userId = personOf(caller);
      assertNoBearer(request);
      const asked = await readAuthorisation(db, body);
      if (!body.allow) return { redirect_uri: redirectWith(asked, { error: "access_denied" }) };
      const code = await changes.commit(audited, async (trx) => ({
        result: await createCode(trx, asked, userId, now()),
        entries: await accountEntries(trx, userId, entryOf("CREATE", userId, asked.client)),
      }));
      return { redirect_uri: redirectWith(asked, { code }) };
    },
  );
}

const presentTokens = ({ accessToken, refreshToken, scope }: IssuedTokens) => ({
  access_token: accessToken,
  token_type: "Bearer" as const,
  expires_in: ACCESS_SECONDS,
  refresh_token: refreshToken,
  scope,
});

function mountTokens(api: AdminApi, { db, changes, accounts, now }: OauthDeps): void {
  api.route(
    {
      method: "post",
      path: "/o/token/",
      summary: "A code, or a refresh token, becomes an access token",
      tag,
      isPublic: true,
      body: tokenInput,
      responses: { 200: bearerSchema },
    },
    async ({ body, request }) => {
      accounts.limits.token(request);
      const { grant_type, client_id: clientId = "", code = "", refresh_token: token = "" } = body;
      const { redirect_uri: redirectUri = "", code_verifier: verifier = "" } = body;
      if (grant_type !== "authorization_code" && grant_type !== "refresh_token") {
        throw oauthError("unsupported_grant_type", "grant_type is authorization_code or refresh_token.");
      }
      // Outside of changes.commit: a token is a sign-in and no change, and a refusal must keep what it took away.
      const issued = await db.kysely
        .transaction()
        .execute((trx) =>
          grant_type === "refresh_token"
            ? refresh(trx, { token, clientId, now: now() })
            : exchangeCode(trx, { code, clientId, redirectUri, verifier }, now()),
        );
      if (!issued) throw oauthError("invalid_grant", "The code or token is wrong, used up or too old.");
      return answer(200, presentTokens(issued), { Pragma: "no-cache" });
    },
  );

  api.route(
    {
      method: "post",
      path: "/o/revoke_token/",
      summary: "End a token with all that came of the same consent; an unknown one is none",
      tag,
      isPublic: true,
      body: revokeInput,
      responses: { 200: emptySchema },
    },
    async ({ body, audited, request }) => {
      accounts.limits.token(request);
      const client = { name: "A program", clientId: body.client_id ?? "" };
      await changes.commit({ ...audited, actor: "oauth" }, async (trx) => {
        const userId = await revoke(trx, body.token ?? "");
        if (userId === undefined) return { result: undefined, entries: [] };
        const entries = await accountEntries(trx, userId, entryOf("DELETE", userId, client));
        return { result: undefined, entries };
      });
      return {};
    },
  );

  api.route(
    {
      method: "post",
      path: "/o/register/",
      summary: "Register a program that will ask people to let it in",
      tag,
      isPublic: true,
      body: registerInput,
      responses: { 201: registeredSchema },
    },
    async ({ body, request }) => {
      accounts.limits.register(request);
      return answer(201, await register(db, body, now()));
    },
  );
}

/** Whoever came by a name of this very machine is told that name: command lines compare. */
function issuerFor(request: Request, publicUrl: string): string {
  const host = request.headers.get("host") ?? "";
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host) ? `http://${host}` : publicUrl;
}

export function mountOauth(api: AdminApi, deps: OauthDeps): void {
  api.route(
    {
      method: "get",
      path: "/.well-known/oauth-authorization-server",
      summary: "Where programs ask to be let in (RFC 8414)",
      tag,
      isPublic: true,
      responses: { 200: serverMetadataSchema },
    },
    async ({ request }) => {
      const issuer = issuerFor(request, deps.accounts.settings.publicUrl());
      return {
        issuer,
        authorization_endpoint: `${issuer}/oauth/authorize/`,
        token_endpoint: `${issuer}/o/token/`,
        registration_endpoint: `${issuer}/o/register/`,
        revocation_endpoint: `${issuer}/o/revoke_token/`,
        scopes_supported: Object.keys(SCOPES),
        response_types_supported: ["code"],
        grant_types_supported: ["authorization_code", "refresh_token"],
        code_challenge_methods_supported: ["S256"],
        token_endpoint_auth_methods_supported: ["none"],
      };
    },
  );
  mountConsent(api, deps);
  mountTokens(api, deps);
}
