/** Who is in an organisation, and what goes when somebody leaves. */
import type { Kysely, Transaction } from "kysely";
import type { Role, Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

/** Nobody's list of members gets longer. */
const MAX_MEMBERS = 10_000;

const memberColumns = [
  "users.id",
  "users.uuid",
  "users.email",
  "users.first_name",
  "users.last_name",
  "users.last_login_at",
  "users.two_factor_enabled",
  "role",
  "joined_at",
] as const;

const members = (db: Database, organisationId: number) =>
  db
    .selectFrom("organisation_members")
    .innerJoin("users", "users.id", "organisation_members.user_id")
    .select(memberColumns)
    .where("organisation_id", "=", organisationId);

export const listMembers = (db: Database, organisationId: number) =>
  members(db, organisationId).orderBy("users.id").limit(MAX_MEMBERS).execute();

export type Member = Awaited<ReturnType<typeof listMembers>>[number];

export const findMember = (db: Database, organisationId: number, userId: number): Promise<Member | undefined> =>
  members(db, organisationId).where("users.id", "=", userId).executeTakeFirst();

export async function updateRole(trx: Transaction<Tables>, organisationId: number, userId: number, role: Role) {
  await trx
    .updateTable("organisation_members")
    .set({ role })
    .where("organisation_id", "=", organisationId)
    .where("user_id", "=", userId)
    .execute();
}

const projectsOf = (db: Database, organisationId: number) =>
  db.selectFrom("projects").select("projects.id").where("organisation_id", "=", organisationId);

const environmentsOf = (db: Database, organisationId: number) =>
  db
    .selectFrom("environments")
    .innerJoin("projects", "projects.id", "environments.project_id")
    .select("environments.id")
    .where("projects.organisation_id", "=", organisationId);

/** With everything that the organisation gave: groups, roles, permissions, and being an owner of features. */
export async function removeMember(trx: Transaction<Tables>, organisationId: number, userId: number): Promise<void> {
  const own = <Table extends "groups" | "roles">(table: Table) =>
    trx
      .selectFrom(table as "groups")
      .select("id")
      .where("organisation_id", "=", organisationId);
  await trx.deleteFrom("group_members").where("user_id", "=", userId).where("group_id", "in", own("groups")).execute();
  await trx
    .deleteFrom("role_members")
    .where("subject_type", "=", "user")
    .where("subject_id", "=", userId)
    .where("role_id", "in", own("roles"))
    .execute();
  await trx
    .deleteFrom("permission_grants")
    .where("subject_type", "=", "user")
    .where("subject_id", "=", userId)
    .where((where) =>
      where.or([
        where.and([where("scope_type", "=", "organisation"), where("scope_id", "=", organisationId)]),
        where.and([where("scope_type", "=", "project"), where("scope_id", "in", projectsOf(trx, organisationId))]),
        where.and([
          where("scope_type", "=", "environment"),
          where("scope_id", "in", environmentsOf(trx, organisationId)),
        ]),
      ]),
    )
    .execute();
  const features = trx
    .selectFrom("features")
    .select("features.id")
    .where("project_id", "in", projectsOf(trx, organisationId));
  await trx.deleteFrom("feature_owners").where("user_id", "=", userId).where("feature_id", "in", features).execute();
  await trx
    .deleteFrom("organisation_members")
    .where("organisation_id", "=", organisationId)
    .where("user_id", "=", userId)
    .execute();
}
