/** Who is calling the admin side, and what they were granted. Read once a request; everything else asks this. */
import type { Kysely } from "kysely";
import type { Role, Tables } from "../db/tables.ts";

export interface Caller {
  readonly kind: "user" | "key";
  /** User id or organisation key id. */
  readonly id: number;
  /** E-mail address or the key's name; what the audit log shows. */
  readonly name: string;
  /** "user:12" or "key:5". */
  readonly actor: string;
  /** Organisations and the role there. A key has one organisation. */
  readonly organisations: ReadonlyMap<number, Role>;
  /** Organisations it belongs to that let nobody in without a second factor, which this person has not set up. */
  readonly closed?: ReadonlySet<number>;
}

export interface Grant {
  readonly isAdmin: boolean;
  readonly permissions: ReadonlySet<string>;
}

/** By "project 12" and the like; union of own grants, groups' and roles'. */
export type Grants = ReadonlyMap<string, Grant>;

export type ScopeType = "organisation" | "project" | "environment";

export const scopeKey = (type: ScopeType, id: number): string => `${type} ${id}`;

interface SubjectRow {
  readonly subject_type: "user" | "group" | "key" | "role";
  readonly subject_id: number;
}

/** The caller, its groups, and the roles that any of them has. */
async function readSubjects(db: Kysely<Tables>, caller: Caller): Promise<SubjectRow[]> {
  const own: SubjectRow[] = [{ subject_type: caller.kind, subject_id: caller.id }];
  if (caller.kind === "user") {
    const groups = await db
      .selectFrom("group_members")
      .innerJoin("groups", "groups.id", "group_members.group_id")
      .where("group_members.user_id", "=", caller.id)
      .select(["groups.id", "groups.organisation_id"])
      .execute();
    // Whoever left an organisation has nothing of its groups.
    const still = groups.filter((group) => caller.organisations.has(group.organisation_id));
    own.push(...still.map((group) => ({ subject_type: "group" as const, subject_id: group.id })));
  }
  const roles = await db
    .selectFrom("role_members")
    .where((where) =>
      where.or(
        own.map((subject) =>
          where.and([
            where("subject_type", "=", subject.subject_type as "user"),
            where("subject_id", "=", subject.subject_id),
          ]),
        ),
      ),
    )
    .select("role_id")
    .execute();
  return [...own, ...roles.map((role) => ({ subject_type: "role" as const, subject_id: role.role_id }))];
}

export async function readGrants(db: Kysely<Tables>, caller: Caller): Promise<Grants> {
  const subjects = await readSubjects(db, caller);
  const rows = await db
    .selectFrom("permission_grants")
    .where((where) =>
      where.or(
        subjects.map((subject) =>
          where.and([where("subject_type", "=", subject.subject_type), where("subject_id", "=", subject.subject_id)]),
        ),
      ),
    )
    .select(["scope_type", "scope_id", "permissions", "is_admin"])
    .execute();
  const grants = new Map<string, { isAdmin: boolean; permissions: Set<string> }>();
  for (const row of rows) {
    const key = scopeKey(row.scope_type, row.scope_id);
    const grant = grants.get(key) ?? { isAdmin: false, permissions: new Set<string>() };
    grants.set(key, grant);
    if (row.is_admin === 1) grant.isAdmin = true;
    for (const permission of JSON.parse(row.permissions) as string[]) grant.permissions.add(permission);
  }
  return grants;
}
