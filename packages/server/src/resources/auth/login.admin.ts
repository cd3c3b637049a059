/** Getting a token and giving it back, as Flagsmith's clients do. Browsers sign in under /api/auth/ instead. */
import { loginCodeInput, loginInput, loginSchema, tokenSchema, wrongCodeSchema } from "@burgee/contract/admin";
import { personOf } from "../../access/person.ts";
import { revokeAllOf } from "../../accounts/access-tokens.ts";
import type { Accounts } from "../../accounts/accounts.ts";
import { createUserToken, tokenHashOf } from "../../accounts/tokens.ts";
import type { Db } from "../../db/database.ts";
import { type AdminApi, answer, badRequest, noContent } from "../../http/admin-door.ts";
import { deleteTokens } from "./auth.store.ts";

export interface LoginDeps {
  readonly db: Db;
  readonly accounts: Accounts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const tag = "auth";

export function mountLogin(api: AdminApi, { db, accounts, now }: LoginDeps): void {
  const signedIn = async (userId: number) => ({ key: await createUserToken(db.kysely, userId, now()) });

  api.route(
    {
      method: "post",
      path: "/api/v1/auth/login/",
      summary: "Get a token, or a challenge where two-factor authentication is on",
      tag,
      isPublic: true,
      body: loginInput,
      responses: { 200: loginSchema },
    },
    async ({ body, request }) => {
      accounts.limits.login(request, body.email);
      const result = await accounts.signInWithPassword(body.email, body.password);
      if (result.kind === "user") return signedIn(result.userId);
      if (result.kind === "challenge") return { ephemeral_token: result.challenge, method: "app" };
      throw badRequest({ non_field_errors: ["Unable to log in with provided credentials."] });
    },
  );

  api.route(
    {
      method: "post",
      path: "/api/v1/auth/login/code/",
      summary: "Answer the challenge with a code, and get a token",
      tag,
      isPublic: true,
      body: loginCodeInput,
      responses: { 200: tokenSchema, 401: wrongCodeSchema },
    },
    async ({ body, request }) => {
      accounts.limits.secondFactor(request, body.ephemeral_token);
      const userId = await accounts.answerChallenge(body.ephemeral_token, body.code);
      if (userId !== undefined) return signedIn(userId);
      const message = "Code invalid or expired.";
      return answer(401, { detail: message, error: message }, { "WWW-Authenticate": "Token" });
    },
  );

  api.route(
    {
      method: "post",
      path: "/api/v1/auth/logout/",
      summary: "End the token or the session that this is asked with",
      tag,
      responses: { 204: null },
    },
    async ({ caller, request }) => {
      const userId = personOf(caller);
      const hash = tokenHashOf(request);
      if (hash === undefined) await accounts.endSession(request);
      else await deleteTokens(db.kysely, userId, hash);
      return noContent();
    },
  );

  api.route(
    {
      method: "delete",
      path: "/api/v1/auth/token/",
      summary: "End all of one's tokens",
      tag,
      responses: { 204: null },
    },
    async ({ caller }) => {
      await deleteTokens(db.kysely, personOf(caller));
      await revokeAllOf(db.kysely, personOf(caller));
      return noContent();
    },
  );
}
