/** A way back in for somebody who forgot the password: a link that works once, for an hour. */
import type { Kysely, Transaction } from "kysely";
import type { AuditEntry } from "../changes/commit.ts";
import type { Tables } from "../db/tables.ts";
import { revokeAllOf } from "./access-tokens.ts";
import { accountEntries } from "./audited-models.ts";
import { createLink, minutesOf } from "./one-time-links.ts";
import { setPassword } from "./people.ts";

export const RESET_MINUTES = minutesOf("reset-password");

/** The path of the link; earlier ones are void. */
export const createResetPath = async (db: Kysely<Tables>, userId: number, now: number): Promise<string> =>
  `/password-reset/confirm/${await createLink(db, "reset-password", userId, now)}`;

export interface PasswordChange {
  readonly userId: number;
  readonly passwordHash: string;
  readonly now: number;
  /** Hash of the token that the change was asked with: it lives on. All other tokens and sessions end. */
  readonly keptTokenHash?: string | undefined;
}

/** Whoever knew the old one is out. */
export async function changePassword(
  trx: Transaction<Tables>,
  { userId, passwordHash, now, keptTokenHash }: PasswordChange,
): Promise<AuditEntry[]> {
  await setPassword(trx, userId, passwordHash, now);
  await trx.deleteFrom("sessions").where("user_id", "=", userId).execute();
  await trx
    .deleteFrom("user_tokens")
    .where("user_id", "=", userId)
    .where("hash", "!=", keptTokenHash ?? "")
    .execute();
  await revokeAllOf(trx, userId);
  return accountEntries(trx, userId, {
    action: "UPDATE",
    objectType: "login",
    objectId: String(userId),
    projectId: null,
    environmentId: null,
    subjects: [{ type: "user", id: String(userId) }],
    log: "Password changed",
    before: null,
    after: { password_changed: true },
  });
}
