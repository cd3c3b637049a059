/** The smallest rows that a test of stores needs, without going through a door. */
import type { Db } from "../db/database.ts";

export interface TestEnvironment {
  readonly organisationId: number;
  readonly projectId: number;
  readonly environmentId: number;
}

let made = 0;

export async function insertProject(
  db: Db,
  name = `project ${++made}`,
): Promise<Omit<TestEnvironment, "environmentId">> {
  const organisation = await db.kysely
    .insertInto("organisations")
    .values({
      uuid: crypto.randomUUID(),
      name: `organisation of ${name}`,
      persist_trait_data: 1,
      stop_serving_flags: 0,
      feature_analytics: 0,
      created_at: 1,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  const project = await db.kysely
    .insertInto("projects")
    .values({
      uuid: crypto.randomUUID(),
      organisation_id: organisation.id,
      name,
      hide_disabled_flags: 0,
      enable_realtime_updates: 0,
      created_at: 1,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return { organisationId: organisation.id, projectId: project.id };
}

export function environmentRow(projectId: number, name = `environment ${++made}`) {
  return {
    uuid: crypto.randomUUID(),
    project_id: projectId,
    name,
    api_key: crypto.randomUUID(),
    allow_client_traits: 1,
    hide_sensitive_data: 0,
    use_identity_composite_key_for_hashing: 1,
    use_identity_overrides_in_local_eval: 1,
    revision: 0,
    updated_at: 0,
    created_at: 1,
  };
}

export async function insertEnvironment(db: Db): Promise<TestEnvironment> {
  const project = await insertProject(db);
  const environment = await db.kysely
    .insertInto("environments")
    .values(environmentRow(project.projectId))
    .returning("id")
    .executeTakeFirstOrThrow();
  return { ...project, environmentId: environment.id };
}

/** An upsert as the hot path writes it: parameters environment id, identifier, traits. */
export const upsertIdentity = `INSERT INTO identities (environment_id, identifier, traits, has_overrides, created_at, last_seen_day)
  VALUES (?, ?, ?, 0, 1, 1)
  ON CONFLICT (environment_id, identifier) DO UPDATE SET traits = excluded.traits RETURNING id, identifier, traits`;

/** Parameters environment id, identifier. */
export const findIdentity = "SELECT id, traits FROM identities WHERE environment_id = ? AND identifier = ?";
