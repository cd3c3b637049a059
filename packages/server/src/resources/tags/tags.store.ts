/** Tags. Every query carries the project. */
import type { Kysely, Selectable } from "kysely";
import type { TagsTable } from "../../db/admin-tables.ts";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;
export type TagRow = Selectable<TagsTable>;
export type TagColumns = Partial<Pick<TagRow, "label" | "color" | "description" | "is_permanent">>;

export async function listTags(db: Database, projectId: number, offset: number, limit: number) {
  const base = db.selectFrom("tags").where("project_id", "=", projectId);
  const { count } = await base.select((e) => e.fn.countAll<number | string>().as("count")).executeTakeFirstOrThrow();
  const rows = await base.selectAll().orderBy("id").offset(offset).limit(limit).execute();
  return { count: Number(count), rows };
}

export const findTag = (db: Database, projectId: number, id: number): Promise<TagRow | undefined> =>
  db.selectFrom("tags").selectAll().where("project_id", "=", projectId).where("id", "=", id).executeTakeFirst();

export const findByUuid = (db: Database, projectId: number, uuid: string): Promise<TagRow | undefined> =>
  db.selectFrom("tags").selectAll().where("project_id", "=", projectId).where("uuid", "=", uuid).executeTakeFirst();

export const insertTag = (
  db: Database,
  projectId: number,
  columns: TagColumns & Pick<TagRow, "label" | "color">,
): Promise<TagRow> =>
  db
    .insertInto("tags")
    .values({
      uuid: crypto.randomUUID(),
      project_id: projectId,
      is_permanent: 0,
      is_system_tag: 0,
      type: "NONE",
      ...columns,
    })
    .returningAll()
    .executeTakeFirstOrThrow();

export const updateTag = (db: Database, id: number, columns: TagColumns): Promise<TagRow> =>
  db.updateTable("tags").set(columns).where("id", "=", id).returningAll().executeTakeFirstOrThrow();

export async function deleteTag(db: Database, id: number): Promise<void> {
  await db.deleteFrom("tags").where("id", "=", id).execute();
}
