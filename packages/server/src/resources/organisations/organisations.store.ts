/** Organisations: rows, how many belong to them, and what goes with them. */
import type { Kysely, Selectable } from "kysely";
import type { OrganisationsTable, Tables } from "../../db/tables.ts";

export type Database = Kysely<Tables>;
export type OrganisationRow = Selectable<OrganisationsTable>;
export type OrganisationColumns = Partial<Omit<OrganisationRow, "id" | "uuid" | "created_at">>;

/** Those among `ids`, by id. */
export async function listOrganisations(db: Database, ids: readonly number[], offset: number, limit: number) {
  if (ids.length === 0) return [];
  return db
    .selectFrom("organisations")
    .selectAll()
    .where("id", "in", [...ids])
    .orderBy("id")
    .offset(offset)
    .limit(limit)
    .execute();
}

export const findByUuid = (db: Database, uuid: string): Promise<OrganisationRow | undefined> =>
  db.selectFrom("organisations").selectAll().where("uuid", "=", uuid).executeTakeFirst();

export const findOrganisation = (db: Database, id: number): Promise<OrganisationRow | undefined> =>
  db.selectFrom("organisations").selectAll().where("id", "=", id).executeTakeFirst();

export async function countMembers(db: Database, ids: readonly number[]): Promise<Map<number, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("organisation_members")
    .select((e) => ["organisation_id", e.fn.countAll<number | string>().as("count")])
    .where("organisation_id", "in", [...ids])
    .groupBy("organisation_id")
    .execute();
  return new Map(rows.map((row) => [row.organisation_id, Number(row.count)]));
}

export const insertOrganisation = (
  db: Database,
  columns: OrganisationColumns & { readonly name: string },
  now: number,
): Promise<OrganisationRow> =>
  db
    .insertInto("organisations")
    .values({
      uuid: crypto.randomUUID(),
      persist_trait_data: 1,
      stop_serving_flags: 0,
      feature_analytics: 0,
      created_at: now,
      ...columns,
    })
    .returningAll()
    .executeTakeFirstOrThrow();

export async function addAdministrator(db: Database, organisationId: number, userId: number, now: number) {
  await db
    .insertInto("organisation_members")
    .values({ organisation_id: organisationId, user_id: userId, role: "ADMIN", joined_at: now })
    .execute();
}

export const updateOrganisation = (db: Database, id: number, columns: OrganisationColumns): Promise<OrganisationRow> =>
  db.updateTable("organisations").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

export const projectIds = async (db: Database, organisationId: number): Promise<number[]> =>
  (await db.selectFrom("projects").select("id").where("organisation_id", "=", organisationId).execute()).map(
    (row) => row.id,
  );
