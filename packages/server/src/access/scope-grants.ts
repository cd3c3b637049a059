/** Rights that come and go with a project or an environment. */
import type { Kysely } from "kysely";
import type { Tables } from "../db/tables.ts";
import type { Caller, ScopeType } from "./caller.ts";

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
