/** Keys of an organisation. */
import type { Kysely, Selectable, Transaction } from "kysely";
import type { OrganisationKeysTable } from "../../db/admin-tables.ts";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
export type KeyRow = Selectable<OrganisationKeysTable>;
export type KeyColumns = Partial<Pick<KeyRow, "name" | "is_admin" | "revoked" | "expires_at">>;

export async function listKeys(db: Database, organisationId: number, offset: number, limit: number) {
  const all = db.selectFrom("organisation_keys").where("organisation_id", "=", organisationId);
  const { count } = await all.select((e) => e.fn.countAll<number | string>().as("count")).executeTakeFirstOrThrow();
  const rows = await all.selectAll().orderBy("id").offset(offset).limit(limit).execute();
  return { count: Number(count), rows };
}

export const findKey = (db: Database, organisationId: number, prefix: string): Promise<KeyRow | undefined> =>
  db
    .selectFrom("organisation_keys")
    .selectAll()
    .where("organisation_id", "=", organisationId)
    .where("prefix", "=", prefix)
    .executeTakeFirst();

export const findById = (db: Database, id: number): Promise<KeyRow> =>
  db.selectFrom("organisation_keys").selectAll().where("id", "=", id).executeTakeFirstOrThrow();

export const updateKey = (trx: Transaction<Tables>, id: number, columns: KeyColumns): Promise<KeyRow> =>
  trx.updateTable("organisation_keys").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

/** With its rights: grants and roles name it by number, without a reference that would take them along. */
export async function deleteKey(trx: Transaction<Tables>, id: number): Promise<void> {
  for (const table of ["permission_grants", "role_members"] as const) {
    await trx.deleteFrom(table).where("subject_type", "=", "key").where("subject_id", "=", id).execute();
  }
  await trx.deleteFrom("organisation_keys").where("id", "=", id).execute();
}
