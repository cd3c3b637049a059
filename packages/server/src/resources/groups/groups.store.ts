/** Groups of people, and who is in them. */
import type { Kysely, Selectable, Transaction } from "kysely";
import type { GroupsTable } from "../../db/admin-tables.ts";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
export type GroupRow = Selectable<GroupsTable>;
export type GroupColumns = Partial<Omit<GroupRow, "id" | "organisation_id">>;

const MAX_GROUPS = 10_000;

export async function listGroups(db: Database, organisationId: number, offset: number, limit: number) {
  const all = db.selectFrom("groups").where("organisation_id", "=", organisationId);
  const { count } = await all.select((e) => e.fn.countAll<number | string>().as("count")).executeTakeFirstOrThrow();
  const rows = await all.selectAll().orderBy("id").offset(offset).limit(limit).execute();
  return { count: Number(count), rows };
}

/** Of everybody, or those that this person is in. */
export function listSummaries(db: Database, organisationId: number, userId?: number) {
  const all = db
    .selectFrom("groups")
    .select(["groups.id", "groups.name"])
    .where("organisation_id", "=", organisationId)
    .orderBy("groups.id")
    .limit(MAX_GROUPS);
  if (userId === undefined) return all.execute();
  const own = db.selectFrom("group_members").select("group_id").where("user_id", "=", userId);
  return all.where("groups.id", "in", own).execute();
}

export const findGroup = (db: Database, organisationId: number, id: number): Promise<GroupRow | undefined> =>
  db
    .selectFrom("groups")
    .selectAll()
    .where("organisation_id", "=", organisationId)
    .where("id", "=", id)
    .executeTakeFirst();

/** Of all these groups, in the order of their people's ids. */
export async function listGroupMembers(db: Database, groupIds: readonly number[]) {
  if (groupIds.length === 0) return [];
  return db
    .selectFrom("group_members")
    .innerJoin("users", "users.id", "group_members.user_id")
    .select(["group_id", "group_admin", "users.id", "email", "first_name", "last_name", "last_login_at"])
    .where("group_id", "in", [...groupIds])
    .orderBy("users.id")
    .limit(100_000)
    .execute();
}

export type GroupMember = Awaited<ReturnType<typeof listGroupMembers>>[number];

export async function isGroupAdmin(db: Database, groupId: number, userId: number): Promise<boolean> {
  const row = await db
    .selectFrom("group_members")
    .select("group_admin")
    .where("group_id", "=", groupId)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return row?.group_admin === 1;
}

export async function isExternalIdTaken(db: Database, organisationId: number, externalId: string, except: number) {
  const row = await db
    .selectFrom("groups")
    .select("id")
    .where("organisation_id", "=", organisationId)
    .where("external_id", "=", externalId)
    .where("id", "!=", except)
    .executeTakeFirst();
  return row !== undefined;
}

export const insertGroup = (
  trx: Transaction<Tables>,
  organisationId: number,
  columns: GroupColumns & { readonly name: string },
): Promise<GroupRow> =>
  trx
    .insertInto("groups")
    .values({ is_default: 0, ...columns, organisation_id: organisationId })
    .returningAll()
    .executeTakeFirstOrThrow();

export const updateGroup = (trx: Transaction<Tables>, id: number, columns: GroupColumns): Promise<GroupRow> =>
  trx.updateTable("groups").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

/** With its rights: grants and role memberships name it by number, without a reference that would take them along. */
export async function deleteGroup(trx: Transaction<Tables>, id: number): Promise<void> {
  for (const table of ["permission_grants", "role_members"] as const) {
    await trx.deleteFrom(table).where("subject_type", "=", "group").where("subject_id", "=", id).execute();
  }
  await trx.deleteFrom("groups").where("id", "=", id).execute();
}

export async function addToGroup(trx: Transaction<Tables>, groupId: number, userIds: readonly number[]): Promise<void> {
  if (userIds.length === 0) return;
  await trx
    .insertInto("group_members")
    .values(userIds.map((id) => ({ group_id: groupId, user_id: id, group_admin: 0 })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function removeFromGroup(trx: Transaction<Tables>, groupId: number, userIds: readonly number[]) {
  if (userIds.length === 0) return;
  await trx
    .deleteFrom("group_members")
    .where("group_id", "=", groupId)
    .where("user_id", "in", [...userIds])
    .execute();
}

/** Whether there was such a member. */
export async function setGroupAdmin(trx: Transaction<Tables>, groupId: number, userId: number, isAdmin: boolean) {
  const row = await trx
    .updateTable("group_members")
    .set({ group_admin: isAdmin ? 1 : 0 })
    .where("group_id", "=", groupId)
    .where("user_id", "=", userId)
    .returning("user_id")
    .executeTakeFirst();
  return row !== undefined;
}
