/** Nobody hands out more than it has: what a group or a role may do, somebody who lets people into it must be able to do. */
import type { Kysely } from "kysely";
import type { Tables } from "../db/tables.ts";
import type { Access } from "./access.ts";
import type { ScopeType } from "./caller.ts";

export interface HeldGrant {
  readonly scope_type: ScopeType;
  readonly scope_id: number;
  /** JSON list. */
  readonly permissions: string;
  readonly is_admin: number;
}

/** What membership of a group gives: its own grants and those of its roles. */
export async function grantsOfGroup(db: Kysely<Tables>, groupId: number): Promise<HeldGrant[]> {
  const roles = await db
    .selectFrom("role_members")
    .select("role_id")
    .where("subject_type", "=", "group")
    .where("subject_id", "=", groupId)
    .execute();
  const roleIds = roles.map((role) => role.role_id);
  return db
    .selectFrom("permission_grants")
    .select(["scope_type", "scope_id", "permissions", "is_admin"])
    .where((where) =>
      where.or([
        where.and([where("subject_type", "=", "group"), where("subject_id", "=", groupId)]),
        ...(roleIds.length > 0
          ? [where.and([where("subject_type", "=", "role"), where("subject_id", "in", roleIds)])]
          : []),
      ]),
    )
    .execute();
}

/** Whether the caller may do something at the place of a grant; a place that is gone gives nothing. */
async function mayAt(db: Kysely<Tables>, access: Access, { scope_type, scope_id }: HeldGrant, need: string) {
  if (scope_type === "organisation") return access.mayInOrganisation(scope_id, need);
  const environment =
    scope_type === "environment"
      ? await db.selectFrom("environments").selectAll().where("id", "=", scope_id).executeTakeFirst()
      : undefined;
  const projectId = scope_type === "project" ? scope_id : environment?.project_id;
  if (projectId === undefined) return true;
  const project = await db.selectFrom("projects").selectAll().where("id", "=", projectId).executeTakeFirst();
  if (!project) return true;
  return environment ? access.mayInEnvironment({ project, environment }, need) : access.mayInProject(project, need);
}

export async function mayGrant(db: Kysely<Tables>, access: Access, grants: readonly HeldGrant[]): Promise<boolean> {
  for (const grant of grants) {
    const needs = grant.is_admin === 1 ? ["ADMIN"] : (JSON.parse(grant.permissions) as string[]);
    for (const need of needs) if (!(await mayAt(db, access, grant, need))) return false;
  }
  return true;
}
