/** Two-factor authentication with an authenticator app, for callers with a token. */
import {
  backupCodesSchema,
  twoFactorBegunSchema,
  twoFactorCodeInput,
  twoFactorEndInput,
  twoFactorMethodsSchema,
  twoFactorParams,
} from "@burgee/contract/admin";
import { personOf } from "../../access/person.ts";
import type { Accounts } from "../../accounts/accounts.ts";
import { isAppError } from "../../errors.ts";
import { type AdminApi, badRequest, noContent } from "../../http/admin-door.ts";

export interface TwoFactorDeps {
  readonly accounts: Accounts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Stock clients send no code to switch it off; whoever found a browser open, or an old token, must not get by with that. */
const FRESH_MINUTES = 10;

const tag = "auth";
const codeNeeded = () =>
  badRequest({
    code: [`This field is required, unless you signed in within the last ${FRESH_MINUTES} minutes. Sign in again.`],
  });
const wrongCode = () => badRequest({ code: ["Code invalid or expired."], error: "Code invalid or expired." });

export function mountTwoFactor(api: AdminApi, { accounts, now }: TwoFactorDeps): void {
  const { twoFactor, limits } = accounts;

  api.route(
    {
      method: "get",
      path: "/api/v1/auth/mfa/user-active-methods/",
      summary: "The caller's second factors",
      tag,
      responses: { 200: twoFactorMethodsSchema },
    },
    async ({ caller }) => ((await twoFactor.isActive(personOf(caller))) ? [{ name: "app", is_primary: true }] : []),
  );

  api.route(
    {
      method: "post",
      path: "/api/v1/auth/{method}/activate/",
      summary: "Begin to set up an authenticator app",
      tag,
      params: twoFactorParams,
      responses: { 200: twoFactorBegunSchema },
    },
    async ({ caller }) => {
      try {
        const { secret, uri } = await twoFactor.begin(personOf(caller), caller.name);
        return { secret, qr_link: uri };
      } catch (error) {
        if (isAppError(error, "conflict")) throw badRequest({ error: "MFA method already active." });
        throw error;
      }
    },
  );

  api.route(
    {
      method: "post",
      path: "/api/v1/auth/{method}/activate/confirm/",
      summary: "Switch it on with a first code; answers backup codes, once",
      tag,
      params: twoFactorParams,
      body: twoFactorCodeInput,
      responses: { 200: backupCodesSchema },
    },
    async ({ caller, body, audited, request }) => {
      const userId = personOf(caller);
      limits.secondFactor(request, caller.actor);
      const codes = await twoFactor.confirm(audited, userId, body.code);
      if (!codes) throw wrongCode();
      return { backup_codes: codes };
    },
  );

  api.route(
    {
      method: "post",
      path: "/api/v1/auth/{method}/deactivate/",
      summary: `Switch it off, with a code of the app or a backup code; without one within ${FRESH_MINUTES} minutes of signing in`,
      tag,
      params: twoFactorParams,
      body: twoFactorEndInput,
      responses: { 204: null },
    },
    async ({ caller, body, audited, request }) => {
      const userId = personOf(caller);
      if (body.code) {
        limits.secondFactor(request, caller.actor);
        if (!(await twoFactor.isCode(userId, body.code))) throw wrongCode();
      } else {
        const signedIn = (await accounts.signedInAt(request)) ?? 0;
        if (now() - signedIn > FRESH_MINUTES * 60_000) throw codeNeeded();
      }
      await twoFactor.end(audited, userId);
      return noContent();
    },
  );
}
