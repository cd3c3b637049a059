/** What the routes of groups share: who may manage one, how it is shown, how it is logged. */
import { drf } from "@burgee/contract";
import { rowId } from "@burgee/contract/admin";
import type { Access } from "../../access/access.ts";
import { grantsOfGroup, mayGrant } from "../../access/may-grant.ts";
import { isoTimeOrNull } from "../../accounts/present-person.ts";
import type { AuditEntry, Changes } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { AppError } from "../../errors.ts";
import { findGroup, type GroupMember, type GroupRow, isGroupAdmin } from "./groups.store.ts";

export interface GroupDeps {
  readonly db: Db;
  readonly changes: Changes;
}

export const GROUPS = "/api/v1/organisations/{organisation}/groups/";
export const GROUP = `${GROUPS}{id}/`;
export const groupTag = "groups";
export const listParams = drf.object({ organisation: rowId() });
export const groupParams = drf.object({ organisation: rowId(), id: rowId() });

/** The right to manage all groups. */
export const MANAGE = "MANAGE_USER_GROUPS";

const presentMember = (member: GroupMember) => ({
  id: member.id,
  email: member.email,
  first_name: member.first_name,
  last_name: member.last_name,
  last_login: isoTimeOrNull(member.last_login_at),
  group_admin: member.group_admin === 1,
});

export const shownGroup = (row: GroupRow) => ({
  name: row.name,
  is_default: row.is_default === 1,
  external_id: row.external_id,
});

export const presentGroup = (row: GroupRow, members: readonly GroupMember[]) => ({
  id: row.id,
  ...shownGroup(row),
  users: members.filter((member) => member.group_id === row.id).map(presentMember),
});

export const groupEntry = (
  action: AuditEntry["action"],
  log: string,
  row: GroupRow,
  [before, after]: readonly [unknown, unknown],
): AuditEntry => ({
  action,
  objectType: "group",
  objectId: String(row.id),
  organisationId: row.organisation_id,
  projectId: null,
  environmentId: null,
  log,
  before,
  after,
});

/** The group, for whoever manages all of them or this one. */
export async function managedGroup(db: Db, access: Access, organisation: number, id: number): Promise<GroupRow> {
  await access.organisation(organisation, "VIEW");
  const row = await findGroup(db.kysely, organisation, id);
  const { kind, id: callerId } = access.caller;
  const isOwn = row !== undefined && kind === "user" && (await isGroupAdmin(db.kysely, id, callerId));
  if (!isOwn) await access.organisation(organisation, MANAGE);
  if (!row) throw new AppError("not_found");
  return row;
}

/** Throws where membership of the group gives more than the caller has. */
export async function assertMayLetIn(db: Db, access: Access, groupId: number): Promise<void> {
  if (await mayGrant(db.kysely, access, await grantsOfGroup(db.kysely, groupId))) return;
  throw new AppError("forbidden", { detail: "This group may do more than you may." });
}
