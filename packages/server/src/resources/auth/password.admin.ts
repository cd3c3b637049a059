/** Changing a password that one knows, and replacing one that is forgotten. */
import { resetConfirmInput, resetPasswordInput, setPasswordInput } from "@burgee/contract/admin";
import { personOf } from "../../access/person.ts";
import type { Accounts } from "../../accounts/accounts.ts";
import { isLink, takeLink, userIdOf } from "../../accounts/one-time-links.ts";
import { changePassword } from "../../accounts/password-reset.ts";
import { hashPassword, verifyPassword } from "../../accounts/passwords.ts";
import { assertPassword, emailKey } from "../../accounts/people.ts";
import { tokenHashOf } from "../../accounts/tokens.ts";
import type { Changes } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { AppError } from "../../errors.ts";
import { type AdminApi, badRequest, noContent } from "../../http/admin-door.ts";
import { findPasswordHash, findUser, findUserByEmail, type UserRow } from "./auth.store.ts";

export interface PasswordDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly accounts: Accounts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const tag = "auth";

const assertRetyped = (body: { readonly new_password: string; readonly re_new_password?: string | undefined }) => {
  if (body.re_new_password === undefined || body.re_new_password === body.new_password) return;
  throw badRequest({ non_field_errors: ["The two password fields didn't match."] });
};

const ownerOf = (user: UserRow) => ({ email: user.email, firstName: user.first_name, lastName: user.last_name });

/** Throws the refusal where it is not the caller's password. */
export async function assertCurrentPassword(db: Db, userId: number, password: string): Promise<void> {
  const hash = await findPasswordHash(db.kysely, userId);
  const isRight = hash !== undefined && (await verifyPassword(hash, password));
  if (!isRight) throw badRequest({ current_password: ["Invalid password."] });
}

export function mountPassword(api: AdminApi, { db, changes, accounts, now }: PasswordDeps): void {
  api.route(
    {
      method: "post",
      path: "/api/v1/auth/users/set_password/",
      summary: "Change one's password; ends all other tokens and sessions",
      tag,
      body: setPasswordInput,
      responses: { 204: null },
    },
    async ({ caller, body, audited, request }) => {
      const userId = personOf(caller);
      accounts.limits.login(request, caller.name);
      const user = await findUser(db.kysely, userId);
      if (!user) throw new AppError("unauthenticated");
      await assertCurrentPassword(db, userId, body.current_password);
      assertRetyped(body);
      assertPassword(body.new_password, ownerOf(user), "new_password");
      const passwordHash = await hashPassword(body.new_password);
      const change = { userId, passwordHash, now: now(), keptTokenHash: tokenHashOf(request) };
      await changes.commit(audited, async (trx) => ({ result: undefined, entries: await changePassword(trx, change) }));
      return noContent();
    },
  );

  api.route(
    {
      method: "post",
      path: "/api/v1/auth/users/reset_password/",
      summary: "Ask for a new password; the answer does not say whether the address is known",
      tag,
      isPublic: true,
      body: resetPasswordInput,
      responses: { 204: null },
    },
    async ({ body, request }) => {
      accounts.limits.reset(request);
      const user = await findUserByEmail(db.kysely, emailKey(body.email));
      if (user) accounts.letters.resetPassword(user);
      return noContent();
    },
  );

  api.route(
    {
      method: "post",
      path: "/api/v1/auth/users/reset_password_confirm/",
      summary: "Set a new password with the link's uid and token; ends all tokens and sessions",
      tag,
      isPublic: true,
      body: resetConfirmInput,
      responses: { 204: null },
    },
    async ({ body, audited, request }) => {
      accounts.limits.reset(request);
      const userId = userIdOf(body.uid);
      const user = userId === undefined ? undefined : await findUser(db.kysely, userId);
      if (!user) throw badRequest({ uid: ["Invalid user id or user doesn't exist."] });
      const invalidToken = () => badRequest({ token: ["Invalid token for given user."] });
      const link = { purpose: "reset-password" as const, userId: user.id, token: body.token, now: now() };
      if (!(await isLink(db.kysely, link))) throw invalidToken();
      assertRetyped(body);
      assertPassword(body.new_password, ownerOf(user), "new_password");
      const change = { userId: user.id, passwordHash: await hashPassword(body.new_password), now: now() };
      await changes.commit({ ...audited, actor: `user:${user.id}` }, async (trx) => {
        if (!(await takeLink(trx, link))) throw invalidToken();
        return { result: undefined, entries: await changePassword(trx, change) };
      });
      return noContent();
    },
  );
}
