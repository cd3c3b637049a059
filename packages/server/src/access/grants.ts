/** What somebody is given at a place, row by row; and what comes and goes with the place itself. */
import type { Kysely, Selectable, Transaction } from "kysely";
import type { PermissionGrantsTable } from "../db/admin-tables.ts";
import type { Tables } from "../db/tables.ts";
import type { Caller, ScopeType } from "./caller.ts";

export type GrantRow = Selectable<PermissionGrantsTable>;

export const insertGrant = (trx: Transaction<Tables>, row: Omit<GrantRow, "id">): Promise<GrantRow> =>
  trx.insertInto("permission_grants").values(row).returningAll().executeTakeFirstOrThrow();

export const updateGrant = (
  trx: Transaction<Tables>,
  id: number,
  columns: Partial<Pick<GrantRow, "permissions" | "is_admin">>,
): Promise<GrantRow> =>
  trx.updateTable("permission_grants").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

export async function deleteGrant(trx: Transaction<Tables>, id: number): Promise<void> {
  await trx.deleteFrom("permission_grants").where("id", "=", id).execute();
}

/** Whoever creates a thing may do everything in it. Pointless for those who may anyway, so ask first. */
export async function grantCreator(db: Kysely<Tables>, caller: Caller, scope: ScopeType, id: number): Promise<void> {
  await db
    .insertInto("permission_grants")
    .values({
      subject_type: caller.kind,
      subject_id: caller.id,
      scope_type: scope,
      scope_id: id,
      permissions: "[]",
      is_admin: 1,
    })
    .execute();
}

/** Grants name their place by number, without a reference that would take them along. */
export async function deleteScopeGrants(db: Kysely<Tables>, scope: ScopeType, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .deleteFrom("permission_grants")
    .where("scope_type", "=", scope)
    .where("scope_id", "in", [...ids])
    .execute();
}
