/**
 * Tokens that end by themselves: `Authorization: Bearer`. What one consent gave is a family: a short access token, and a refresh token
 * that is replaced with every use, so that one that was stolen and used shows.
 */
import { randomUUID } from "node:crypto";
import type { Kysely, Transaction } from "kysely";
import { hashSecret, randomSecret } from "../access/secrets.ts";
import type { Tables } from "../db/tables.ts";

type Trx = Transaction<Tables>;

export const ACCESS_SECONDS = 3600;
const REFRESH_MS = 30 * 24 * 60 * 60 * 1000;
/** Two processes of one person may refresh at the same time, and answers get lost. */
const GRACE_MS = 120_000;

export interface TokenOwner {
  readonly userId: number | null;
  readonly keyId: number | null;
  readonly clientId: string;
  readonly scope: string;
}

export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly scope: string;
  readonly userId: number;
}

async function insertToken(
  db: Kysely<Tables>,
  owner: TokenOwner & { readonly family: string; readonly kind: "access" | "refresh" },
  times: { readonly now: number; readonly lifetimeMs: number },
): Promise<string> {
  const secret = randomSecret(32);
  await db
    .insertInto("access_tokens")
    .values({
      family: owner.family,
      kind: owner.kind,
      hash: hashSecret(secret),
      user_id: owner.userId,
      organisation_key_id: owner.keyId,
      client_id: owner.clientId,
      scope: owner.scope,
      created_at: times.now,
      expires_at: times.now + times.lifetimeMs,
      replaced_at: null,
    })
    .execute();
  return secret;
}

/** For a key: nothing to refresh it with. */
export const issueAccessToken = (db: Kysely<Tables>, owner: TokenOwner, now: number): Promise<string> =>
  insertToken(db, { ...owner, family: randomUUID(), kind: "access" }, { now, lifetimeMs: ACCESS_SECONDS * 1000 });

export async function issueTokens(
  trx: Trx,
  owner: TokenOwner & { readonly userId: number },
  now: number,
  family: string = randomUUID(),
): Promise<IssuedTokens> {
  const times = { now, lifetimeMs: ACCESS_SECONDS * 1000 };
  const accessToken = await insertToken(trx, { ...owner, family, kind: "access" }, times);
  const refreshToken = await insertToken(trx, { ...owner, family, kind: "refresh" }, { now, lifetimeMs: REFRESH_MS });
  return { accessToken, refreshToken, scope: owner.scope, userId: owner.userId };
}

/** undefined = refused. A refresh token that comes back late ends its whole family: somebody else has used it. */
export async function refresh(
  trx: Trx,
  { token, clientId, now }: { readonly token: string; readonly clientId: string; readonly now: number },
): Promise<IssuedTokens | undefined> {
  const row = await trx
    .selectFrom("access_tokens")
    .innerJoin("users", "users.id", "access_tokens.user_id")
    .selectAll("access_tokens")
    .where("hash", "=", hashSecret(token))
    .where("kind", "=", "refresh")
    .where("users.is_active", "=", 1)
    .executeTakeFirst();
  if (!row || row.user_id === null || row.client_id !== clientId || row.expires_at <= now) return undefined;
  if (row.replaced_at !== null && row.replaced_at + GRACE_MS < now) {
    await endFamily(trx, row.family);
    return undefined;
  }
  if (row.replaced_at === null) {
    await trx.updateTable("access_tokens").set({ replaced_at: now }).where("id", "=", row.id).execute();
  }
  const owner = { userId: row.user_id, keyId: null, clientId, scope: row.scope };
  return issueTokens(trx, owner, now, row.family);
}

async function endFamily(db: Kysely<Tables>, family: string): Promise<void> {
  await db.deleteFrom("access_tokens").where("family", "=", family).execute();
}

/** Either of the two ends both, and all that came of them. Answers whose they were. */
export async function revoke(db: Kysely<Tables>, token: string): Promise<number | undefined> {
  const row = await db
    .selectFrom("access_tokens")
    .select(["family", "user_id"])
    .where("hash", "=", hashSecret(token))
    .executeTakeFirst();
  if (!row) return undefined;
  await endFamily(db, row.family);
  return row.user_id ?? undefined;
}

export async function revokeAllOf(db: Kysely<Tables>, userId: number): Promise<void> {
  await db.deleteFrom("access_tokens").where("user_id", "=", userId).execute();
}
