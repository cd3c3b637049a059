/** Who owns a feature: people and groups of the project's organisation. */
import type { Kysely } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

export interface Owner {
  readonly id: number;
  readonly uuid: string;
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly last_login_at: number | null;
}

export interface GroupOwner {
  readonly id: number;
  readonly name: string;
}

export async function ownersOf(db: Database, featureIds: readonly number[]): Promise<Map<number, Owner[]>> {
  if (featureIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("feature_owners as o")
    .innerJoin("users as u", "u.id", "o.user_id")
    .where("o.feature_id", "in", [...featureIds])
    .select(["o.feature_id", "u.id", "u.uuid", "u.email", "u.first_name", "u.last_name", "u.last_login_at"])
    .orderBy("u.id")
    .execute();
  return Map.groupBy(rows, (row) => row.feature_id);
}

export async function groupOwnersOf(db: Database, featureIds: readonly number[]): Promise<Map<number, GroupOwner[]>> {
  if (featureIds.length === 0) return new Map();
  const rows = await db
    .selectFrom("feature_group_owners as o")
    .innerJoin("groups as g", "g.id", "o.group_id")
    .where("o.feature_id", "in", [...featureIds])
    .select(["o.feature_id", "g.id", "g.name"])
    .orderBy("g.id")
    .execute();
  return Map.groupBy(rows, (row) => row.feature_id);
}

export async function addOwners(db: Database, featureId: number, userIds: readonly number[]): Promise<void> {
  const rows = [...new Set(userIds)].map((user_id) => ({ feature_id: featureId, user_id }));
  if (rows.length === 0) return;
  await db
    .insertInto("feature_owners")
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function addGroupOwners(db: Database, featureId: number, groupIds: readonly number[]): Promise<void> {
  const rows = [...new Set(groupIds)].map((group_id) => ({ feature_id: featureId, group_id }));
  if (rows.length === 0) return;
  await db
    .insertInto("feature_group_owners")
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function removeOwners(db: Database, featureId: number, userIds: readonly number[]): Promise<void> {
  if (userIds.length === 0) return;
  const own = db.deleteFrom("feature_owners").where("feature_id", "=", featureId);
  await own.where("user_id", "in", [...userIds]).execute();
}

export async function removeGroupOwners(db: Database, featureId: number, groupIds: readonly number[]): Promise<void> {
  if (groupIds.length === 0) return;
  const own = db.deleteFrom("feature_group_owners").where("feature_id", "=", featureId);
  await own.where("group_id", "in", [...groupIds]).execute();
}
