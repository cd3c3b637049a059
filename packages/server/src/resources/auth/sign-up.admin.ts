/** New accounts: by invitation, or for everybody where the operator says so. */
import { signedUpSchema, signUpInput } from "@burgee/contract/admin";
import type { z } from "zod";
import type { Accounts } from "../../accounts/accounts.ts";
import { hashPassword } from "../../accounts/passwords.ts";
import { assertPassword, emailKey, insertPerson, isTaken, type SignUpType } from "../../accounts/people.ts";
import { createUserToken } from "../../accounts/tokens.ts";
import type { Changes, RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { AppError, isAppError } from "../../errors.ts";
import { type AdminApi, badRequest, created } from "../../http/admin-door.ts";
import { findUser, isInviteOf, isLiveLink } from "./auth.store.ts";

export interface SignUpDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly accounts: Accounts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const CLOSED = "User registration without an invite is disabled for this installation.";
const taken = () => badRequest({ email: ["Email already exists. Please log in."] });

type SignUp = z.output<typeof signUpInput>;

export function mountSignUp(api: AdminApi, { db, changes, accounts, now }: SignUpDeps): void {
  /** An invitation vouches for the address; a link that anybody may have does not. */
  const admission = async (body: SignUp): Promise<SignUpType> => {
    const hash = body.invite_hash ?? "";
    if (hash !== "" && (await isInviteOf(db.kysely, hash, emailKey(body.email)))) return "INVITE_EMAIL";
    if (hash !== "" && (await isLiveLink(db.kysely, hash, now()))) return "INVITE_LINK";
    if (accounts.settings.openSignUp) return "NO_INVITE";
    throw new AppError("forbidden", { detail: CLOSED });
  };

  const insert = async (body: SignUp, signUpType: SignUpType, request: RequestInfo): Promise<number> => {
    const passwordHash = await hashPassword(body.password);
    const names = { firstName: body.first_name, lastName: body.last_name };
    const isVerified = signUpType === "INVITE_EMAIL";
    return changes.commit({ ...request, actor: "sign-up" }, async (trx) => {
      if (await isTaken(trx, body.email)) throw taken();
      const person = { email: body.email, ...names, signUpType, isVerified, passwordHash, now: now() };
      const { userId, entry } = await insertPerson(trx, person);
      return { result: userId, entries: [{ ...entry, organisationId: null }] };
    });
  };

  api.route(
    {
      method: "post",
      path: "/api/v1/auth/users/",
      summary: "Sign up; by invitation, unless the installation is open",
      tag: "auth",
      isPublic: true,
      body: signUpInput,
      responses: { 201: signedUpSchema },
    },
    async ({ body, audited, request }) => {
      accounts.limits.signUp(request);
      const signUpType = await admission(body);
      assertPassword(body.password, { email: body.email, firstName: body.first_name, lastName: body.last_name });
      const userId = await insert(body, signUpType, audited).catch((error: unknown) => {
        throw isAppError(error, "conflict") ? taken() : error;
      });
      const user = await findUser(db.kysely, userId);
      if (!user) throw new AppError("not_found");
      if (user.email_verified !== 1) accounts.letters.activate(user);
      const { id, uuid, email, first_name, last_name, sign_up_type } = user;
      const key = await createUserToken(db.kysely, id, now());
      const rest = { sign_up_type, is_active: true, marketing_consent_given: false, key };
      return created({ id, uuid, email, first_name, last_name, ...rest });
    },
  );
}
