/** A way back in for somebody who forgot the password: a link that works once, for an hour. */
import type { Kysely, Transaction } from "kysely";
import { hashSecret, randomSecret } from "../access/secrets.ts";
import type { AuditEntry } from "../changes/commit.ts";
import type { Tables } from "../db/tables.ts";
import { revokeAllOf } from "./access-tokens.ts";
import { accountEntries } from "./audited-models.ts";
import { setPassword } from "./people.ts";

export const RESET_MINUTES = 60;

const identifierOf = (userId: number): string => `reset-password:${userId}`;

/** In links, as Django makes them: the number, in base64. */
const uidOf = (userId: number): string => Buffer.from(String(userId)).toString("base64url");

export function userIdOf(uid: string): number | undefined {
  const text = Buffer.from(uid, "base64url").toString();
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** The path of the link; earlier ones are void. */
export async function createResetPath(db: Kysely<Tables>, userId: number, now: number): Promise<string> {
  const token = randomSecret();
  const identifier = identifierOf(userId);
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom("verifications").where("identifier", "=", identifier).execute();
    await trx
      .insertInto("verifications")
      .values({
        identifier,
        value: hashSecret(token),
        expires_at: now + RESET_MINUTES * 60_000,
        created_at: now,
        updated_at: now,
      })
      .execute();
  });
  return `/password-reset/confirm/${uidOf(userId)}/${token}`;
}

const tokenQuery = (userId: number, token: string, now: number) =>
  [
    ["identifier", "=", identifierOf(userId)],
    ["value", "=", hashSecret(token)],
    ["expires_at", ">", now],
  ] as const;

export async function isResetToken(db: Kysely<Tables>, userId: number, token: string, now: number): Promise<boolean> {
  const [identifier, value, expiry] = tokenQuery(userId, token, now);
  const row = await db
    .selectFrom("verifications")
    .select("id")
    .where(...identifier)
    .where(...value)
    .where(...expiry)
    .executeTakeFirst();
  return row !== undefined;
}

/** Uses it up; false for whoever comes second. */
export async function takeResetToken(
  trx: Transaction<Tables>,
  userId: number,
  token: string,
  now: number,
): Promise<boolean> {
  const [identifier, value, expiry] = tokenQuery(userId, token, now);
  const row = await trx
    .deleteFrom("verifications")
    .where(...identifier)
    .where(...value)
    .where(...expiry)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

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
