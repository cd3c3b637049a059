/** Roles, what they may do, and who has them. */
import type { Kysely, Selectable, Transaction } from "kysely";
import type { PermissionGrantsTable, RoleMembersTable, RolesTable, SubjectType } from "../../db/admin-tables.ts";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
export type RoleRow = Selectable<RolesTable>;
export type RoleColumns = Partial<Pick<RoleRow, "name" | "description">>;
type GrantRow = Selectable<PermissionGrantsTable>;
export type RoleMemberRow = Selectable<RoleMembersTable>;
export type Scope = GrantRow["scope_type"];

export interface Slice {
  readonly offset: number;
  readonly limit: number;
}

const countOf = async (query: { executeTakeFirstOrThrow(): Promise<{ count: number | string }> }) =>
  Number((await query.executeTakeFirstOrThrow()).count);

export async function listRoles(db: Database, organisationId: number, { offset, limit }: Slice) {
  const all = db.selectFrom("roles").where("organisation_id", "=", organisationId);
  const count = await countOf(all.select((e) => e.fn.countAll<number | string>().as("count")));
  return { count, rows: await all.selectAll().orderBy("id").offset(offset).limit(limit).execute() };
}

/** Those that a person, a group or a key has itself. */
export async function listRolesOf(
  db: Database,
  organisationId: number,
  subject: SubjectType,
  subjectId: number,
  { offset, limit }: Slice,
) {
  const all = db
    .selectFrom("roles")
    .innerJoin("role_members", "role_members.role_id", "roles.id")
    .where("organisation_id", "=", organisationId)
    .where("subject_type", "=", subject)
    .where("subject_id", "=", subjectId);
  const count = await countOf(all.select((e) => e.fn.countAll<number | string>().as("count")));
  return { count, rows: await all.selectAll("roles").orderBy("roles.id").offset(offset).limit(limit).execute() };
}

export const findRole = (db: Database, organisationId: number, id: number): Promise<RoleRow | undefined> =>
  db
    .selectFrom("roles")
    .selectAll()
    .where("organisation_id", "=", organisationId)
    .where("id", "=", id)
    .executeTakeFirst();

export async function isNameTaken(db: Database, organisationId: number, name: string, except: number) {
  const row = await db
    .selectFrom("roles")
    .select("id")
    .where("organisation_id", "=", organisationId)
    .where("name", "=", name)
    .where("id", "!=", except)
    .executeTakeFirst();
  return row !== undefined;
}

export const insertRole = (
  trx: Transaction<Tables>,
  row: { readonly organisation_id: number; readonly name: string; readonly description: string | null },
): Promise<RoleRow> => trx.insertInto("roles").values(row).returningAll().executeTakeFirstOrThrow();

export const updateRole = (trx: Transaction<Tables>, id: number, columns: RoleColumns): Promise<RoleRow> =>
  trx.updateTable("roles").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

/** Its grants name it by number, without a reference that would take them along. */
export async function deleteRole(trx: Transaction<Tables>, id: number): Promise<void> {
  await trx.deleteFrom("permission_grants").where("subject_type", "=", "role").where("subject_id", "=", id).execute();
  await trx.deleteFrom("roles").where("id", "=", id).execute();
}

const grants = (db: Database, roleId: number, scope: Scope) =>
  db
    .selectFrom("permission_grants")
    .where("subject_type", "=", "role")
    .where("subject_id", "=", roleId)
    .where("scope_type", "=", scope);

export async function listGrants(
  db: Database,
  roleId: number,
  scope: Scope,
  scopeId: number | undefined,
  slice: Slice,
) {
  const scoped = grants(db, roleId, scope);
  const all = scopeId === undefined ? scoped : scoped.where("scope_id", "=", scopeId);
  const count = await countOf(all.select((e) => e.fn.countAll<number | string>().as("count")));
  return { count, rows: await all.selectAll().orderBy("id").offset(slice.offset).limit(slice.limit).execute() };
}

export const findGrant = (db: Database, roleId: number, scope: Scope, id: number): Promise<GrantRow | undefined> =>
  grants(db, roleId, scope).selectAll().where("id", "=", id).executeTakeFirst();

export async function hasGrant(db: Database, roleId: number, scope: Scope, scopeId: number): Promise<boolean> {
  return (
    (await grants(db, roleId, scope).select("id").where("scope_id", "=", scopeId).executeTakeFirst()) !== undefined
  );
}

/** The name of a place of the organisation. */
export async function findPlace(
  db: Database,
  organisationId: number,
  scope: "project" | "environment",
  id: number,
): Promise<{ readonly name: string; readonly projectId: number } | undefined> {
  if (scope === "project") {
    return db
      .selectFrom("projects")
      .select(["name", "id as projectId"])
      .where("organisation_id", "=", organisationId)
      .where("id", "=", id)
      .executeTakeFirst();
  }
  return db
    .selectFrom("environments")
    .innerJoin("projects", "projects.id", "environments.project_id")
    .select(["environments.name", "projects.id as projectId"])
    .where("organisation_id", "=", organisationId)
    .where("environments.id", "=", id)
    .executeTakeFirst();
}

const members = (db: Database, roleId: number, subject: SubjectType) =>
  db.selectFrom("role_members").where("role_id", "=", roleId).where("subject_type", "=", subject);

export async function listMembers(db: Database, roleId: number, subject: SubjectType, { offset, limit }: Slice) {
  const all = members(db, roleId, subject);
  const count = await countOf(all.select((e) => e.fn.countAll<number | string>().as("count")));
  return { count, rows: await all.selectAll().orderBy("id").offset(offset).limit(limit).execute() };
}

export const findMember = (db: Database, roleId: number, subject: SubjectType, id: number) =>
  members(db, roleId, subject).selectAll().where("id", "=", id).executeTakeFirst();

export const findMembership = (db: Database, roleId: number, subject: SubjectType, subjectId: number) =>
  members(db, roleId, subject).selectAll().where("subject_id", "=", subjectId).executeTakeFirst();

export const insertMember = (
  trx: Transaction<Tables>,
  row: { readonly role_id: number; readonly subject_type: SubjectType; readonly subject_id: number },
): Promise<RoleMemberRow> => trx.insertInto("role_members").values(row).returningAll().executeTakeFirstOrThrow();

export async function deleteMember(trx: Transaction<Tables>, id: number): Promise<void> {
  await trx.deleteFrom("role_members").where("id", "=", id).execute();
}

export interface SubjectName {
  readonly id: number;
  readonly name: string;
}

/** A person or a group by number, a key by prefix; of this organisation. */
export function findSubject(
  db: Database,
  organisationId: number,
  subject: SubjectType,
  wanted: number | string,
): Promise<SubjectName | undefined> {
  if (subject === "user") {
    return db
      .selectFrom("organisation_members")
      .innerJoin("users", "users.id", "organisation_members.user_id")
      .select(["users.id", "users.email as name"])
      .where("organisation_id", "=", organisationId)
      .where("users.id", "=", Number(wanted))
      .executeTakeFirst();
  }
  if (subject === "group") {
    return db
      .selectFrom("groups")
      .select(["id", "name"])
      .where("organisation_id", "=", organisationId)
      .where("id", "=", Number(wanted))
      .executeTakeFirst();
  }
  return db
    .selectFrom("organisation_keys")
    .select(["id", "prefix as name"])
    .where("organisation_id", "=", organisationId)
    .where("prefix", "=", String(wanted))
    .executeTakeFirst();
}

/** How rows name their subjects: keys by prefix. */
export async function keyPrefixes(db: Database, ids: readonly number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("organisation_keys")
    .select(["id", "prefix"])
    .where("id", "in", [...ids])
    .execute();
  return new Map(rows.map((row) => [row.id, row.prefix]));
}
