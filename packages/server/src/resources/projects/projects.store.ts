/** Projects: rows, what they hold, and what goes with them. */
import type { Kysely, Selectable } from "kysely";
import type { ProjectsTable, Tables } from "../../db/tables.ts";

export type Database = Kysely<Tables>;
export type ProjectRow = Selectable<ProjectsTable>;
export type ProjectColumns = Partial<Omit<ProjectRow, "id" | "uuid" | "organisation_id" | "created_at">>;

export const findProject = (db: Database, id: number): Promise<ProjectRow | undefined> =>
  db.selectFrom("projects").selectAll().where("id", "=", id).executeTakeFirst();

export const findByUuid = (db: Database, uuid: string): Promise<{ id: number } | undefined> =>
  db.selectFrom("projects").select("id").where("uuid", "=", uuid).executeTakeFirst();

export const findByName = (db: Database, organisationId: number, name: string): Promise<{ id: number } | undefined> =>
  db
    .selectFrom("projects")
    .select("id")
    .where("organisation_id", "=", organisationId)
    .where("name", "=", name)
    .executeTakeFirst();

export const findOrganisation = (db: Database, id: number) =>
  db
    .selectFrom("organisations")
    .select(["id", "restrict_project_create_to_admin"])
    .where("id", "=", id)
    .executeTakeFirst();

export const insertProject = (
  db: Database,
  columns: ProjectColumns & { readonly name: string; readonly organisation_id: number },
  now: number,
): Promise<ProjectRow> =>
  db
    .insertInto("projects")
    .values({
      uuid: crypto.randomUUID(),
      hide_disabled_flags: 0,
      enable_realtime_updates: 0,
      created_at: now,
      ...columns,
    })
    .returningAll()
    .executeTakeFirstOrThrow();

export const updateProject = (db: Database, id: number, columns: ProjectColumns): Promise<ProjectRow> =>
  db.updateTable("projects").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

export const environmentIds = async (db: Database, projectId: number): Promise<number[]> =>
  (await db.selectFrom("environments").select("id").where("project_id", "=", projectId).execute()).map((row) => row.id);

/** Everything in it goes along. */
export async function deleteProject(db: Database, id: number): Promise<void> {
  await db.deleteFrom("projects").where("id", "=", id).execute();
}

export interface ProjectTotals {
  readonly features: number;
  readonly segments: number;
}

export async function countContents(db: Database, projectId: number): Promise<ProjectTotals> {
  const count = async (table: "features" | "segments"): Promise<number> => {
    const { rows } = await db
      .selectFrom(table as "features")
      .where("project_id", "=", projectId)
      .select((e) => e.fn.countAll<number | string>().as("rows"))
      .executeTakeFirstOrThrow();
    return Number(rows);
  };
  return { features: await count("features"), segments: await count("segments") };
}
