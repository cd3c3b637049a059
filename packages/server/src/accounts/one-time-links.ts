/** Links that show who has a mailbox: each works once, for a while, for one purpose, and a new one voids those before. */
import type { Kysely, Transaction } from "kysely";
import { hashSecret, randomSecret } from "../access/secrets.ts";
import type { Tables } from "../db/tables.ts";

/** To how many minutes it works. */
const MINUTES = { "reset-password": 60, "reset-email": 60, activate: 3 * 24 * 60 } as const;
export type LinkPurpose = keyof typeof MINUTES;

export const minutesOf = (purpose: LinkPurpose): number => MINUTES[purpose];

const identifierOf = (purpose: LinkPurpose, userId: number): string => `${purpose}:${userId}`;

/** In links, as Django makes them: the number, in base64. */
const uidOf = (userId: number): string => Buffer.from(String(userId)).toString("base64url");

export function userIdOf(uid: string): number | undefined {
  const text = Buffer.from(uid, "base64url").toString();
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** "UID/TOKEN", the end of the link's path. */
export async function createLink(
  db: Kysely<Tables>,
  purpose: LinkPurpose,
  userId: number,
  now: number,
): Promise<string> {
  const token = randomSecret();
  const identifier = identifierOf(purpose, userId);
  await db.transaction().execute(async (trx) => {
    await trx.deleteFrom("verifications").where("identifier", "=", identifier).execute();
    await trx
      .insertInto("verifications")
      .values({
        identifier,
        value: hashSecret(token),
        expires_at: now + MINUTES[purpose] * 60_000,
        created_at: now,
        updated_at: now,
      })
      .execute();
  });
  return `${uidOf(userId)}/${token}`;
}

export interface ShownLink {
  readonly purpose: LinkPurpose;
  readonly userId: number;
  readonly token: string;
  readonly now: number;
}

const tokenQuery = ({ purpose, userId, token, now }: ShownLink) =>
  [
    ["identifier", "=", identifierOf(purpose, userId)],
    ["value", "=", hashSecret(token)],
    ["expires_at", ">", now],
  ] as const;

export async function isLink(db: Kysely<Tables>, link: ShownLink): Promise<boolean> {
  const [identifier, value, expiry] = tokenQuery(link);
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
export async function takeLink(trx: Transaction<Tables>, link: ShownLink): Promise<boolean> {
  const [identifier, value, expiry] = tokenQuery(link);
  const row = await trx
    .deleteFrom("verifications")
    .where(...identifier)
    .where(...value)
    .where(...expiry)
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}
