/** One person's account: the row, its password, tokens, memberships and invitations. */
import type { Kysely, Selectable, Transaction } from "kysely";
import type { UsersTable } from "../../db/admin-tables.ts";
import type { Role, Tables } from "../../db/tables.ts";

export type UserRow = Selectable<UsersTable>;
type Database = Kysely<Tables>;

export const findUser = (db: Database, id: number): Promise<UserRow | undefined> =>
  db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();

export const findUserByEmail = (db: Database, email: string): Promise<UserRow | undefined> =>
  db.selectFrom("users").selectAll().where("email", "=", email).executeTakeFirst();

/** undefined for whoever signs in otherwise. */
export async function findPasswordHash(db: Database, userId: number): Promise<string | undefined> {
  const login = await db
    .selectFrom("user_logins")
    .select("password")
    .where("user_id", "=", userId)
    .where("provider_id", "=", "credential")
    .executeTakeFirst();
  return login?.password ?? undefined;
}

export interface Membership {
  readonly role: Role;
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly force_2fa: number;
}

export const listMemberships = (db: Database, userId: number): Promise<Membership[]> =>
  db
    .selectFrom("organisation_members")
    .innerJoin("organisations", "organisations.id", "organisation_members.organisation_id")
    .select(["role", "organisations.id", "uuid", "name", "force_2fa"])
    .where("user_id", "=", userId)
    .orderBy("organisations.id")
    .execute();

export const updateUser = (
  trx: Transaction<Tables>,
  id: number,
  columns: Partial<Pick<UserRow, "first_name" | "last_name" | "email" | "email_verified" | "updated_at">>,
): Promise<UserRow> =>
  trx.updateTable("users").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

/** Grants and role memberships name people by number, without a reference that would take them along. */
export async function deleteUser(trx: Transaction<Tables>, id: number): Promise<void> {
  for (const table of ["permission_grants", "role_members"] as const) {
    await trx.deleteFrom(table).where("subject_type", "=", "user").where("subject_id", "=", id).execute();
  }
  await trx.deleteFrom("users").where("id", "=", id).execute();
}

export async function deleteTokens(db: Database, userId: number, hash?: string): Promise<void> {
  const all = db.deleteFrom("user_tokens").where("user_id", "=", userId);
  await (hash === undefined ? all : all.where("hash", "=", hash)).execute();
}

/** Whether it names an invitation of this address. */
export async function isInviteOf(db: Database, hash: string, email: string): Promise<boolean> {
  const invite = await db.selectFrom("invites").select("email").where("hash", "=", hash).executeTakeFirst();
  return invite?.email === email;
}

export async function isLiveLink(db: Database, hash: string, now: number): Promise<boolean> {
  const link = await db.selectFrom("invite_links").select("expires_at").where("hash", "=", hash).executeTakeFirst();
  return link !== undefined && (link.expires_at === null || link.expires_at > now);
}
