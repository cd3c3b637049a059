/** What people and programs show instead of a password. Both exist in the clear only in the answer that makes them. */
import type { Kysely, Transaction } from "kysely";
import { createOrganisationKeySecret, hashSecret, randomSecret } from "../access/secrets.ts";
import type { AuditEntry } from "../changes/commit.ts";
import type { Tables } from "../db/tables.ts";

/** What stands behind `Authorization: Token `; undefined for a cookie. */
export function tokenHashOf(request: Request): string | undefined {
  const [scheme, token] = (request.headers.get("authorization") ?? "").trim().split(/\s+/, 2);
  return scheme?.toLowerCase() === "token" && token ? hashSecret(token) : undefined;
}

/** Of one person; the oldest goes first. Every sign-in of a stock client makes one, and few are ever given back. */
const MAX_TOKENS = 50;

export async function createUserToken(db: Kysely<Tables>, userId: number, now: number): Promise<string> {
  const token = randomSecret();
  await db
    .insertInto("user_tokens")
    .values({ user_id: userId, hash: hashSecret(token), created_at: now, last_used_at: null, expires_at: null })
    .execute();
  const surplus = await db
    .selectFrom("user_tokens")
    .select("id")
    .where("user_id", "=", userId)
    .orderBy("id", "desc")
    .limit(100)
    .offset(MAX_TOKENS)
    .execute();
  if (surplus.length > 0) {
    const ids = surplus.map((row) => row.id);
    await db.deleteFrom("user_tokens").where("id", "in", ids).execute();
  }
  return token;
}

export interface NewOrganisationKey {
  readonly organisationId: number;
  readonly name: string;
  readonly isAdmin: boolean;
  readonly createdBy: number | null;
  readonly expiresAt: number | null;
  readonly now: number;
}

export interface MadeOrganisationKey {
  readonly id: number;
  /** For its holder, once. */
  readonly key: string;
  readonly entry: AuditEntry;
}

export async function createOrganisationKey(
  trx: Transaction<Tables>,
  { organisationId, name, isAdmin, createdBy, expiresAt, now }: NewOrganisationKey,
): Promise<MadeOrganisationKey> {
  const { prefix, key, hash } = createOrganisationKeySecret();
  const { id } = await trx
    .insertInto("organisation_keys")
    .values({
      organisation_id: organisationId,
      prefix,
      hash,
      name,
      is_admin: isAdmin ? 1 : 0,
      created_by: createdBy,
      created_at: now,
      expires_at: expiresAt,
      revoked: 0,
      last_used_at: null,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  const entry: AuditEntry = {
    action: "CREATE",
    objectType: "organisation_key",
    objectId: String(id),
    organisationId,
    projectId: null,
    environmentId: null,
    log: `Organisation key created: ${name}`,
    before: null,
    after: { prefix, name, is_admin: isAdmin, expires_at: expiresAt, revoked: false },
  };
  return { id, key, entry };
}
