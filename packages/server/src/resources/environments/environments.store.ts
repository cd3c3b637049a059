/** Environments: rows and what they hold. */
import type { Kysely, Selectable } from "kysely";
import type { EnvironmentsTable, Tables } from "../../db/tables.ts";

export type Database = Kysely<Tables>;
export type EnvironmentRow = Selectable<EnvironmentsTable>;
export type EnvironmentColumns = Partial<
  Omit<EnvironmentRow, "id" | "uuid" | "project_id" | "revision" | "created_at" | "updated_at">
>;

export const findEnvironment = (db: Database, id: number): Promise<EnvironmentRow | undefined> =>
  db.selectFrom("environments").selectAll().where("id", "=", id).executeTakeFirst();

export const findByUuid = (db: Database, uuid: string): Promise<{ id: number } | undefined> =>
  db.selectFrom("environments").select("id").where("uuid", "=", uuid).executeTakeFirst();

export const findByName = (db: Database, projectId: number, name: string): Promise<{ id: number } | undefined> =>
  db
    .selectFrom("environments")
    .select("id")
    .where("project_id", "=", projectId)
    .where("name", "=", name)
    .executeTakeFirst();

export const findByKey = (db: Database, apiKey: string): Promise<{ id: number } | undefined> =>
  db.selectFrom("environments").select("id").where("api_key", "=", apiKey).executeTakeFirst();

/** Revision 0: the commit that makes it moves it to 1. */
export const insertEnvironment = (
  db: Database,
  columns: EnvironmentColumns & { readonly name: string; readonly project_id: number; readonly api_key: string },
  now: number,
): Promise<EnvironmentRow> =>
  db
    .insertInto("environments")
    .values({
      uuid: crypto.randomUUID(),
      allow_client_traits: 1,
      hide_sensitive_data: 0,
      use_identity_composite_key_for_hashing: 1,
      use_identity_overrides_in_local_eval: 1,
      revision: 0,
      updated_at: 0,
      created_at: now,
      ...columns,
    })
    .returningAll()
    .executeTakeFirstOrThrow();

export const updateEnvironment = (db: Database, id: number, columns: EnvironmentColumns): Promise<EnvironmentRow> =>
  db.updateTable("environments").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

/** Its identities, states, keys and usage go along. */
export async function deleteEnvironment(db: Database, id: number): Promise<void> {
  await db.deleteFrom("environments").where("id", "=", id).execute();
}

export interface EnvironmentCounts {
  readonly features: number;
  readonly enabledFeatures: number;
  readonly segmentOverrides: number;
  readonly identityOverrides: number;
}

export async function countSegmentOverrides(db: Database, environmentId: number): Promise<number> {
  const { rows } = await db
    .selectFrom("feature_segments")
    .where("environment_id", "=", environmentId)
    .select((e) => e.fn.countAll<number | string>().as("rows"))
    .executeTakeFirstOrThrow();
  return Number(rows);
}

export async function countStates(db: Database, environmentId: number): Promise<EnvironmentCounts> {
  const defaults = await db
    .selectFrom("feature_states")
    .where("environment_id", "=", environmentId)
    .where("feature_segment_id", "is", null)
    .select((e) => [
      e.fn.countAll<number | string>().as("all"),
      e.fn.sum<number | string | null>("enabled").as("enabled"),
    ])
    .executeTakeFirstOrThrow();
  const overrides = await db
    .selectFrom("identity_overrides")
    .where("environment_id", "=", environmentId)
    .where("is_expired", "=", 0)
    .select((e) => e.fn.countAll<number | string>().as("rows"))
    .executeTakeFirstOrThrow();
  return {
    features: Number(defaults.all),
    enabledFeatures: Number(defaults.enabled ?? 0),
    segmentOverrides: await countSegmentOverrides(db, environmentId),
    identityOverrides: Number(overrides.rows),
  };
}
