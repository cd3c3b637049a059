/** What the routes of roles share. Only administrators of the organisation have to do with roles. */
import { drf } from "@burgee/contract";
import { rowId } from "@burgee/contract/admin";
import type { Access } from "../../access/access.ts";
import type { AuditEntry, AuditSubject, Changes } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { AppError } from "../../errors.ts";
import { findRole, type RoleRow } from "./roles.store.ts";

export interface RoleDeps {
  readonly db: Db;
  readonly changes: Changes;
}

export const ORGANISATION = "/api/v1/organisations/{organisation}/";
export const ROLES = `${ORGANISATION}roles/`;
export const tag = "roles";
export const roleParams = drf.object({ organisation: rowId(), role: rowId() });
export const roleItemParams = drf.object({ organisation: rowId(), role: rowId(), id: rowId() });

export async function openRole(db: Db, access: Access, organisation: number, id: number): Promise<RoleRow> {
  await access.organisation(organisation, "ADMIN");
  const role = await findRole(db.kysely, organisation, id);
  if (!role) throw new AppError("not_found");
  return role;
}

export interface RoleChange {
  readonly log: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly subjects?: readonly AuditSubject[];
}

/** Whatever changes of a role, its people and its permissions included, is in the role's own history. */
export const roleEntry = (
  action: AuditEntry["action"],
  role: RoleRow,
  { log, before, after, subjects = [] }: RoleChange,
): AuditEntry => ({
  action,
  objectType: "role",
  objectId: String(role.id),
  organisationId: role.organisation_id,
  projectId: null,
  environmentId: null,
  subjects,
  log,
  before,
  after,
});

export const shownRole = ({ name, description }: RoleRow) => ({ name, description });

export const presentRole = (row: RoleRow) => ({
  id: row.id,
  ...shownRole(row),
  organisation: row.organisation_id,
  tags: [],
});
