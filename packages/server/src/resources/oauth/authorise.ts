/** One request of a program to act for a person: what is wrong with it, and the code that a consent gives. */
import { createHash } from "node:crypto";
import type { AuthoriseRequest } from "@burgee/contract/admin";
import type { Transaction } from "kysely";
import { z } from "zod";
import { hashSecret, randomSecret } from "../../access/secrets.ts";
import { type IssuedTokens, issueTokens } from "../../accounts/access-tokens.ts";
import type { Db } from "../../db/database.ts";
import type { Tables } from "../../db/tables.ts";
import { assertRedirect, type Client, clientNamed } from "./clients.ts";
import { insertCode, noteClientUse, takeCode } from "./oauth.store.ts";
import { oauthError } from "./oauth-error.ts";

type Trx = Transaction<Tables>;

/** All of them mean the same here: whatever the person may do. Stock programs ask by these names. */
export const SCOPES: Readonly<Record<string, string>> = {
  "management-api": "Do everything that you may do in Burgee",
  "admin-api": "Do everything that you may do in Burgee",
  mcp: "Do everything that you may do in Burgee",
};

export interface Authorisation {
  readonly client: Client;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly codeChallenge: string;
  readonly state: string | undefined;
}

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

export async function readAuthorisation(db: Db, asked: AuthoriseRequest): Promise<Authorisation> {
  const client = await clientNamed(db, asked.client_id);
  const redirectUri = assertRedirect(client, asked.redirect_uri);
  if (asked.response_type !== "code") throw oauthError("unsupported_response_type", 'response_type must be "code".');
  if (asked.code_challenge_method !== "S256" || !CHALLENGE.test(asked.code_challenge ?? "")) {
    throw oauthError("invalid_request", "A code_challenge by S256 is needed.");
  }
  const scopes = (asked.scope ?? "").split(" ").filter((scope) => scope !== "");
  const unknown = scopes.find((scope) => !Object.hasOwn(SCOPES, scope));
  if (unknown !== undefined) throw oauthError("invalid_scope", "There is no such scope.");
  return {
    client,
    redirectUri,
    scopes: scopes.length > 0 ? scopes : ["management-api"],
    codeChallenge: asked.code_challenge ?? "",
    state: asked.state,
  };
}

export function redirectWith({ redirectUri, state }: Authorisation, answer: Readonly<Record<string, string>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  if (state) url.searchParams.set("state", state);
  return url.href;
}

const CODE_MS = 120_000;

const heldSchema = z.object({
  clientId: z.string(),
  userId: z.int(),
  redirectUri: z.string(),
  codeChallenge: z.string(),
  scope: z.string(),
});

/** For the browser to carry back; works once, soon, and only for whoever knows what was hashed. */
export async function createCode(trx: Trx, asked: Authorisation, userId: number, now: number): Promise<string> {
  const code = randomSecret(32);
  const { client, redirectUri, codeChallenge, scopes } = asked;
  const held = { clientId: client.clientId, userId, redirectUri, codeChallenge, scope: scopes.join(" ") };
  await insertCode(trx, hashSecret(code), JSON.stringify(held), { now, until: now + CODE_MS });
  if (!client.isVerified) await noteClientUse(trx, client.clientId, now);
  return code;
}

export interface Exchange {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly verifier: string;
}

/** The code is used up even where the rest is wrong: whoever tries it is not who it was made for. */
export async function exchangeCode(trx: Trx, asked: Exchange, now: number): Promise<IssuedTokens | undefined> {
  const text = await takeCode(trx, hashSecret(asked.code), now);
  const held = text === undefined ? undefined : heldSchema.parse(JSON.parse(text));
  if (!held || held.clientId !== asked.clientId || held.redirectUri !== asked.redirectUri) return undefined;
  const challenge = createHash("sha256").update(asked.verifier, "utf8").digest("base64url");
  if (challenge !== held.codeChallenge) return undefined;
  const { userId, clientId, scope } = held;
  return issueTokens(trx, { userId, keyId: null, clientId, scope }, now);
}
