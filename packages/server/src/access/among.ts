/** Which of the people and groups that a body names belong to the organisation: others are as good as none. */
import type { Kysely } from "kysely";
import type { Tables } from "../db/tables.ts";

type Database = Kysely<Tables>;

export async function membersAmong(db: Database, organisationId: number, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom("organisation_members")
    .select("user_id")
    .where("organisation_id", "=", organisationId)
    .where("user_id", "in", [...ids])
    .execute();
  return new Set(rows.map((row) => row.user_id));
}

export async function groupsAmong(db: Database, organisationId: number, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom("groups")
    .select("id")
    .where("organisation_id", "=", organisationId)
    .where("id", "in", [...ids])
    .execute();
  return new Set(rows.map((row) => row.id));
}
