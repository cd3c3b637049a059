/** The end of an organisation with everything in it: by its administrator, or with the account of its only member. */
import type { Kysely } from "kysely";
import type { Tables } from "../db/tables.ts";
import { deleteScopeGrants } from "./grants.ts";

/** Grants and role memberships refer to their subjects by number, without a reference that would take them along. */
async function deleteSubjects(db: Kysely<Tables>, organisationId: number): Promise<void> {
  const subjects = [
    { type: "group" as const, table: "groups" as const },
    { type: "key" as const, table: "organisation_keys" as const },
    { type: "role" as const, table: "roles" as const },
  ];
  for (const { type, table } of subjects) {
    const own = db
      .selectFrom(table as "groups")
      .select("id")
      .where("organisation_id", "=", organisationId);
    await db.deleteFrom("permission_grants").where("subject_type", "=", type).where("subject_id", "in", own).execute();
  }
}

/**
 * Answers the environments that went along, for whoever caches them. `clear` is told of them before their rows go: it takes out of
 * the way what is too large to be deleted while everybody waits.
 */
export async function deleteOrganisation(
  db: Kysely<Tables>,
  id: number,
  clear: (environments: readonly number[]) => Promise<unknown>,
): Promise<number[]> {
  const places = await db
    .selectFrom("projects")
    .leftJoin("environments", "environments.project_id", "projects.id")
    .where("projects.organisation_id", "=", id)
    .select(["projects.id as project", "environments.id as environment"])
    .execute();
  const environments = places.flatMap(({ environment }) => environment ?? []);
  await deleteScopeGrants(db, "organisation", [id]);
  await deleteScopeGrants(db, "project", [...new Set(places.map(({ project }) => project))]);
  await deleteScopeGrants(db, "environment", environments);
  await deleteSubjects(db, id);
  await clear(environments);
  await db.deleteFrom("organisations").where("id", "=", id).execute();
  return environments;
}
