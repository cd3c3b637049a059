/** The set-up link: makes the first account, once. Also says, to whoever is not signed in yet, how one can be. */
import { setupDoneSchema, setupInput, setupLinkSchema, setupParams, setupStateSchema } from "@burgee/contract/admin";
import type { Accounts } from "../../accounts/accounts.ts";
import { hasAccounts, insertFirstAccount, setupTokenExpiry, takeSetupToken } from "../../accounts/first-account.ts";
import { OIDC } from "../../accounts/oidc.ts";
import { hashPassword } from "../../accounts/passwords.ts";
import { assertPassword, emailKey } from "../../accounts/people.ts";
import { createUserToken } from "../../accounts/tokens.ts";
import type { Changes } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { isoMicros } from "../../documents/load.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, created } from "../../http/admin-door.ts";

export interface SetupDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly accounts: Accounts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const tag = "setup";

export function mountSetup(api: AdminApi, { db, changes, accounts, now }: SetupDeps): void {
  const { openSignUp, oidc } = accounts.settings;

  api.route(
    {
      method: "get",
      path: "/api/v1/setup/",
      summary: "How one gets in: set-up, sign-up, identity provider",
      tag,
      isPublic: true,
      responses: { 200: setupStateSchema },
    },
    async () => ({
      setup_required: !(await hasAccounts(db.kysely)),
      open_sign_up: openSignUp,
      oidc: oidc ? { provider: OIDC, name: oidc.name } : null,
    }),
  );

  api.route(
    {
      method: "get",
      path: "/api/v1/setup/{token}/",
      summary: "Whether a set-up link can still be used",
      tag,
      isPublic: true,
      params: setupParams,
      responses: { 200: setupLinkSchema },
    },
    async ({ params }) => {
      const expiry = await setupTokenExpiry(db.kysely, params.token, now());
      if (expiry === undefined) throw new AppError("not_found");
      return { expires_at: isoMicros(expiry, "Z") };
    },
  );

  api.route(
    {
      method: "post",
      path: "/api/v1/setup/{token}/",
      summary: "Make the first administrator and its organisation",
      tag,
      isPublic: true,
      params: setupParams,
      body: setupInput,
      responses: { 201: setupDoneSchema },
    },
    async ({ params, body, audited }) => {
      const at = now();
      if ((await setupTokenExpiry(db.kysely, params.token, at)) === undefined) throw new AppError("not_found");
      const names = { firstName: body.first_name ?? "", lastName: body.last_name ?? "" };
      assertPassword(body.password, { email: body.email, ...names });
      const passwordHash = await hashPassword(body.password);
      const person = { email: emailKey(body.email), ...names, passwordHash };
      const made = await changes.commit({ ...audited, actor: "setup" }, async (trx) => {
        await takeSetupToken(trx, params.token, at);
        const first = await insertFirstAccount(trx, { ...person, organisation: body.organisation_name, now: at });
        const user = await trx.selectFrom("users").selectAll().where("id", "=", first.userId).executeTakeFirstOrThrow();
        return { result: { ...first, user }, entries: first.entries };
      });
      const { id, uuid, email, first_name, last_name } = made.user;
      return created({
        key: await createUserToken(db.kysely, made.userId, at),
        user: { id, uuid, email, first_name, last_name },
        organisation: { id: made.organisationId, name: body.organisation_name },
      });
    },
  );
}
