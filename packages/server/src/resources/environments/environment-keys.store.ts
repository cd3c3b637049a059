/** Server-side keys. Every query carries the environment. */
import type { Kysely, Selectable } from "kysely";
import type { EnvironmentKeysTable, Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
export type KeyRow = Selectable<EnvironmentKeysTable>;

export const MAX_KEYS = 500;

export const listKeys = (db: Database, environmentId: number): Promise<KeyRow[]> =>
  db
    .selectFrom("environment_keys")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .orderBy("id")
    .limit(MAX_KEYS)
    .execute();

export const findKey = (db: Database, environmentId: number, id: number): Promise<KeyRow | undefined> =>
  db
    .selectFrom("environment_keys")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();

export const insertKey = (db: Database, row: Omit<KeyRow, "id">): Promise<KeyRow> =>
  db.insertInto("environment_keys").values(row).returningAll().executeTakeFirstOrThrow();

export const updateKey = (db: Database, id: number, columns: Partial<KeyRow>): Promise<KeyRow> =>
  db.updateTable("environment_keys").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

export async function deleteKey(db: Database, id: number): Promise<void> {
  await db.deleteFrom("environment_keys").where("id", "=", id).execute();
}
