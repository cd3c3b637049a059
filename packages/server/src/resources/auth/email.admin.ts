/** Showing that an address is one's own, and choosing another one by a link to the old one. */
import { activationInput, emailResetConfirmInput, resetPasswordInput } from "@burgee/contract/admin";
import type { Accounts } from "../../accounts/accounts.ts";
import { accountEntries } from "../../accounts/audited-models.ts";
import { acceptInvitesTo } from "../../accounts/invitations.ts";
import { type LinkPurpose, type ShownLink, takeLink, userIdOf } from "../../accounts/one-time-links.ts";
import { emailKey, isTaken } from "../../accounts/people.ts";
import type { Changes } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { type AdminApi, badRequest, noContent } from "../../http/admin-door.ts";
import { findUser, findUserByEmail, type UserRow, updateUser } from "./auth.store.ts";

export interface EmailDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly accounts: Accounts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const USERS = "/api/v1/auth/users/";
const tag = "auth";

const invalidToken = () => badRequest({ token: ["Invalid token for given user."] });

const emailEntry = (before: UserRow, after: UserRow) => ({
  action: "UPDATE" as const,
  objectType: "user",
  objectId: String(before.id),
  projectId: null,
  environmentId: null,
  log: `Account changed: ${before.email}`,
  before: { email: before.email, email_verified: before.email_verified === 1 },
  after: { email: after.email, email_verified: after.email_verified === 1 },
});

async function personWith({ db, now }: EmailDeps, purpose: LinkPurpose, body: { uid: string; token: string }) {
  const userId = userIdOf(body.uid);
  const user = userId === undefined ? undefined : await findUser(db.kysely, userId);
  if (user?.is_active !== 1) throw badRequest({ uid: ["Invalid user id or user doesn't exist."] });
  const link: ShownLink = { purpose, userId: user.id, token: body.token, now: now() };
  return { user, link };
}

export function mountEmail(api: AdminApi, deps: EmailDeps): void {
  const { db, changes, accounts, now } = deps;

  api.route(
    {
      method: "post",
      path: `${USERS}activation/`,
      summary: "Show by a link that the address is one's own; invitations to it are accepted by that",
      tag,
      isPublic: true,
      body: activationInput,
      responses: { 204: null },
    },
    async ({ body, audited, request }) => {
      accounts.limits.reset(request);
      const { user, link } = await personWith(deps, "activate", body);
      await changes.commit({ ...audited, actor: `user:${user.id}` }, async (trx) => {
        if (!(await takeLink(trx, link))) throw invalidToken();
        const after = await updateUser(trx, user.id, { email_verified: 1, updated_at: now() });
        const joined = await acceptInvitesTo(trx, { userId: user.id, email: user.email, now: now() });
        const entries = await accountEntries(trx, user.id, emailEntry(user, after));
        return { result: undefined, entries: [...entries, ...joined] };
      });
      return noContent();
    },
  );

  api.route(
    {
      method: "post",
      path: `${USERS}resend_activation/`,
      summary: "Ask for that link again; the answer does not say whether the address is known",
      tag,
      isPublic: true,
      body: resetPasswordInput,
      responses: { 204: null },
    },
    async ({ body, request }) => {
      accounts.limits.reset(request);
      const user = await findUserByEmail(db.kysely, emailKey(body.email));
      if (user?.is_active === 1 && user.email_verified !== 1) accounts.letters.activate(user);
      return noContent();
    },
  );

  api.route(
    {
      method: "post",
      path: `${USERS}reset_email/`,
      summary: "Ask for a link to choose another address; the answer does not say whether this one is known",
      tag,
      isPublic: true,
      body: resetPasswordInput,
      responses: { 204: null },
    },
    async ({ body, request }) => {
      accounts.limits.reset(request);
      const user = await findUserByEmail(db.kysely, emailKey(body.email));
      if (user?.is_active === 1) accounts.letters.resetEmail(user);
      return noContent();
    },
  );

  api.route(
    {
      method: "post",
      path: `${USERS}reset_email_confirm/`,
      summary: "Choose another address with the link's uid and token; it is to be shown to be one's own then",
      tag,
      isPublic: true,
      body: emailResetConfirmInput,
      responses: { 204: null },
    },
    async ({ body, audited, request }) => {
      accounts.limits.reset(request);
      const { user, link } = await personWith(deps, "reset-email", body);
      const email = emailKey(body.new_email);
      const changed = await changes.commit({ ...audited, actor: `user:${user.id}` }, async (trx) => {
        if (!(await takeLink(trx, link))) throw invalidToken();
        if (await isTaken(trx, email)) throw badRequest({ new_email: ["user with this email already exists."] });
        const after = await updateUser(trx, user.id, { email, email_verified: 0, updated_at: now() });
        return { result: after, entries: await accountEntries(trx, user.id, emailEntry(user, after)) };
      });
      accounts.letters.activate(changed);
      return noContent();
    },
  );
}
