/** A workload shows the token that its platform gave it, and gets one of ours: no secret has to be kept anywhere. */
import { exchangedSchema, exchangeInput } from "@burgee/contract/admin";
import { ACCESS_SECONDS, issueAccessToken } from "../../accounts/access-tokens.ts";
import type { Accounts } from "../../accounts/accounts.ts";
import type { Changes, RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, answer, badRequest } from "../../http/admin-door.ts";
import {
  assertInTime,
  assertSigned,
  type ClaimRule,
  holdsRules,
  type IdToken,
  readIdToken,
  TokenFault,
} from "./id-token.ts";
import { createIssuerKeys, type IssuerKeys } from "./issuer-keys.ts";
import { findTrusted, type TrustRow } from "./trust.store.ts";

export interface ExchangeDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly accounts: Accounts;
  /** Issuers may be on this machine and in private networks. */
  readonly privateWebhooks: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const notTrusted = () => new AppError("unauthenticated", { detail: "The token is not trusted." });

const listOf = (audience: string | readonly string[]): readonly string[] =>
  typeof audience === "string" ? [audience] : audience;

/** Keys are asked for only where somebody trusts the issuer: strangers' tokens send us nowhere. */
async function findTrust({ db, now }: ExchangeDeps, keys: IssuerKeys, token: IdToken): Promise<TrustRow> {
  const { claims } = token;
  const rows = await findTrusted(db.kysely, claims.iss, listOf(claims.aud));
  if (rows.length === 0) throw new TokenFault("nobody trusts its issuer for this audience");
  assertInTime(claims, now());
  assertSigned(token, await keys.find(claims.iss, token.keyId));
  const row = rows.find(({ claim_rules }) => holdsRules(claims, JSON.parse(claim_rules) as ClaimRule[]));
  if (!row) throw new TokenFault("its claims are not those that are asked for");
  if (row.revoked === 1 || (row.expires_at !== null && row.expires_at <= now()))
    throw new TokenFault("the key has ended");
  return row;
}

const issue = ({ changes, now }: ExchangeDeps, audited: RequestInfo, row: TrustRow, token: IdToken): Promise<string> =>
  changes.commit({ ...audited, actor: `key:${row.organisation_key_id}` }, async (trx) => {
    const owner = { userId: null, keyId: row.organisation_key_id, clientId: "", scope: "" };
    const { sub = null } = token.claims;
    const entry = {
      action: "CREATE" as const,
      objectType: "access_token",
      objectId: String(row.id),
      organisationId: row.organisation_id,
      projectId: null,
      environmentId: null,
      log: `Access given by trust relationship: ${row.name}`,
      before: null,
      after: { trust_relationship: row.id, subject: sub },
    };
    return { result: await issueAccessToken(trx, owner, now()), entries: [entry] };
  });

export function mountExchange(api: AdminApi, deps: ExchangeDeps): void {
  const keys = createIssuerKeys({ allowPrivate: deps.privateWebhooks, now: deps.now });
  api.route(
    {
      method: "post",
      path: "/api/v1/auth/oidc/token/",
      summary: "An access token for a platform's ID token that a trust relationship of an organisation vouches for",
      tag: "auth",
      isPublic: true,
      body: exchangeInput,
      responses: { 200: exchangedSchema },
    },
    async ({ body, audited, request }) => {
      deps.accounts.limits.token(request);
      const token = readIdToken(body.token);
      if (!token) throw badRequest({ token: ["It is no ID token."] });
      try {
        const row = await findTrust(deps, keys, token);
        const made = await issue(deps, audited, row, token);
        return answer(
          200,
          { access_token: made, token_type: "Bearer", expires_in: ACCESS_SECONDS },
          { Pragma: "no-cache" },
        );
      } catch (error) {
        if (!(error instanceof TokenFault)) throw error;
        deps.accounts.log("warn", `an ID token was refused: ${error.message}`);
        throw notTrusted();
      }
    },
  );
}
