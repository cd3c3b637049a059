/** Who was given what, where. */
import type { Kysely, Selectable } from "kysely";
import type { PermissionGrantsTable } from "../../db/admin-tables.ts";
import type { Role, Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
type GrantRow = Selectable<PermissionGrantsTable>;
export type Subject = "user" | "group";
export type Scope = GrantRow["scope_type"];

export interface GrantPlace {
  readonly scope: Scope;
  readonly id: number;
}

const MAX_GRANTS = 10_000;

const grantsAt = (db: Database, subject: GrantRow["subject_type"], { scope, id }: GrantPlace) =>
  db
    .selectFrom("permission_grants")
    .where("subject_type", "=", subject)
    .where("scope_type", "=", scope)
    .where("scope_id", "=", id);

export function listGrants(db: Database, subject: Subject, place: GrantPlace, subjectId?: number): Promise<GrantRow[]> {
  const all = grantsAt(db, subject, place).selectAll().orderBy("id").limit(MAX_GRANTS);
  return (subjectId === undefined ? all : all.where("subject_id", "=", subjectId)).execute();
}

export const findGrant = (
  db: Database,
  subject: Subject,
  place: GrantPlace,
  id: number,
): Promise<GrantRow | undefined> => grantsAt(db, subject, place).selectAll().where("id", "=", id).executeTakeFirst();

export async function hasGrant(db: Database, subject: Subject, place: GrantPlace, subjectId: number): Promise<boolean> {
  const row = await grantsAt(db, subject, place).select("id").where("subject_id", "=", subjectId).executeTakeFirst();
  return row !== undefined;
}

export async function findGroups(db: Database, ids: readonly number[]) {
  if (ids.length === 0) return [];
  return db
    .selectFrom("groups")
    .selectAll()
    .where("id", "in", [...ids])
    .execute();
}

export async function findGroupMembers(db: Database, groupIds: readonly number[]) {
  if (groupIds.length === 0) return [];
  return db
    .selectFrom("group_members")
    .innerJoin("users", "users.id", "group_members.user_id")
    .select(["group_id", "group_admin", "users.id", "uuid", "email", "first_name", "last_name", "last_login_at"])
    .where("group_id", "in", [...groupIds])
    .orderBy("users.id")
    .limit(100_000)
    .execute();
}

/** The name of a person or a group of the organisation. */
export async function findSubject(
  db: Database,
  organisationId: number,
  subject: Subject,
  id: number,
): Promise<string | undefined> {
  if (subject === "group") {
    const group = await db
      .selectFrom("groups")
      .select("name")
      .where("organisation_id", "=", organisationId)
      .where("id", "=", id)
      .executeTakeFirst();
    return group?.name;
  }
  const member = await db
    .selectFrom("organisation_members")
    .innerJoin("users", "users.id", "organisation_members.user_id")
    .select("email")
    .where("organisation_id", "=", organisationId)
    .where("users.id", "=", id)
    .executeTakeFirst();
  return member?.email;
}

export async function findRole(db: Database, organisationId: number, userId: number): Promise<Role | undefined> {
  const member = await db
    .selectFrom("organisation_members")
    .select("role")
    .where("organisation_id", "=", organisationId)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return member?.role;
}

export interface NamedSubject {
  readonly type: "user" | "group" | "role";
  readonly id: number;
  readonly name: string;
}

/** A person, its groups, and the roles that it or they have; within one organisation. */
export async function subjectsOf(db: Database, organisationId: number, userId: number): Promise<NamedSubject[]> {
  const groups = await db
    .selectFrom("group_members")
    .innerJoin("groups", "groups.id", "group_members.group_id")
    .select(["groups.id", "groups.name"])
    .where("user_id", "=", userId)
    .where("organisation_id", "=", organisationId)
    .orderBy("groups.id")
    .execute();
  const groupIds = groups.map((group) => group.id);
  const roles = await db
    .selectFrom("role_members")
    .innerJoin("roles", "roles.id", "role_members.role_id")
    .select(["roles.id", "roles.name"])
    .distinct()
    .where("organisation_id", "=", organisationId)
    .where((where) =>
      where.or([
        where.and([where("subject_type", "=", "user"), where("subject_id", "=", userId)]),
        ...(groupIds.length > 0
          ? [where.and([where("subject_type", "=", "group"), where("subject_id", "in", groupIds)])]
          : []),
      ]),
    )
    .orderBy("roles.id")
    .execute();
  return [
    { type: "user", id: userId, name: "" },
    ...groups.map((group) => ({ type: "group" as const, ...group })),
    ...roles.map((role) => ({ type: "role" as const, ...role })),
  ];
}

export function grantsOf(
  db: Database,
  subjects: readonly NamedSubject[],
  places: readonly GrantPlace[],
): Promise<GrantRow[]> {
  return db
    .selectFrom("permission_grants")
    .selectAll()
    .where((where) =>
      where.or(
        subjects.map(({ type, id }) => where.and([where("subject_type", "=", type), where("subject_id", "=", id)])),
      ),
    )
    .where((where) =>
      where.or(places.map(({ scope, id }) => where.and([where("scope_type", "=", scope), where("scope_id", "=", id)]))),
    )
    .orderBy("id")
    .execute();
}
