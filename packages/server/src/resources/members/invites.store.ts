/** Invitations by e-mail and links to join by. */
import type { Kysely, Selectable, Transaction } from "kysely";
import type { InviteLinksTable, InvitesTable } from "../../db/admin-tables.ts";
import type { Role, Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
export type InviteRow = Selectable<InvitesTable>;
export type InviteLinkRow = Selectable<InviteLinksTable>;

const MAX_LINKS = 1000;

export async function listInvites(db: Database, organisationId: number, offset: number, limit: number) {
  const all = db.selectFrom("invites").where("organisation_id", "=", organisationId);
  const { count } = await all.select((e) => e.fn.countAll<number | string>().as("count")).executeTakeFirstOrThrow();
  const rows = await all.selectAll().orderBy("id").offset(offset).limit(limit).execute();
  return { count: Number(count), rows };
}

export const findInvite = (db: Database, organisationId: number, id: number): Promise<InviteRow | undefined> =>
  db
    .selectFrom("invites")
    .selectAll()
    .where("organisation_id", "=", organisationId)
    .where("id", "=", id)
    .executeTakeFirst();

export const findInviteByHash = (db: Database, hash: string): Promise<InviteRow | undefined> =>
  db.selectFrom("invites").selectAll().where("hash", "=", hash).executeTakeFirst();

export const findInviteByEmail = (db: Database, organisationId: number, email: string) =>
  db
    .selectFrom("invites")
    .select("id")
    .where("organisation_id", "=", organisationId)
    .where("email", "=", email)
    .executeTakeFirst();

export async function isMember(db: Database, organisationId: number, email: string): Promise<boolean> {
  const member = await db
    .selectFrom("organisation_members")
    .innerJoin("users", "users.id", "organisation_members.user_id")
    .select("users.id")
    .where("organisation_id", "=", organisationId)
    .where("users.email", "=", email)
    .executeTakeFirst();
  return member !== undefined;
}

export const insertInvite = (trx: Transaction<Tables>, row: Omit<InviteRow, "id">): Promise<InviteRow> =>
  trx.insertInto("invites").values(row).returningAll().executeTakeFirstOrThrow();

export async function deleteInvite(trx: Transaction<Tables>, id: number): Promise<void> {
  await trx.deleteFrom("invites").where("id", "=", id).execute();
}

/** Who made a key, and so what it does. */
export async function keyCreator(db: Database, keyId: number): Promise<number | null> {
  const key = await db.selectFrom("organisation_keys").select("created_by").where("id", "=", keyId).executeTakeFirst();
  return key?.created_by ?? null;
}

export const listLinks = (db: Database, organisationId: number): Promise<InviteLinkRow[]> =>
  db
    .selectFrom("invite_links")
    .selectAll()
    .where("organisation_id", "=", organisationId)
    .orderBy("id")
    .limit(MAX_LINKS)
    .execute();

export const findLink = (db: Database, organisationId: number, id: number): Promise<InviteLinkRow | undefined> =>
  db
    .selectFrom("invite_links")
    .selectAll()
    .where("organisation_id", "=", organisationId)
    .where("id", "=", id)
    .executeTakeFirst();

export const findLinkByHash = (db: Database, hash: string): Promise<InviteLinkRow | undefined> =>
  db.selectFrom("invite_links").selectAll().where("hash", "=", hash).executeTakeFirst();

export const insertLink = (trx: Transaction<Tables>, row: Omit<InviteLinkRow, "id">): Promise<InviteLinkRow> =>
  trx.insertInto("invite_links").values(row).returningAll().executeTakeFirstOrThrow();

export async function deleteLink(trx: Transaction<Tables>, id: number): Promise<void> {
  await trx.deleteFrom("invite_links").where("id", "=", id).execute();
}

export interface JoinedOrganisation {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly role: Role;
}

export const findMembership = (db: Database, organisationId: number, userId: number): Promise<JoinedOrganisation> =>
  db
    .selectFrom("organisation_members")
    .innerJoin("organisations", "organisations.id", "organisation_members.organisation_id")
    .select(["organisations.id", "organisations.uuid", "organisations.name", "role"])
    .where("organisation_id", "=", organisationId)
    .where("user_id", "=", userId)
    .executeTakeFirstOrThrow();
