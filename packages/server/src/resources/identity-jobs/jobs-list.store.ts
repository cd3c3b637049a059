/** An environment's jobs as people look at them. */
import type { Kysely } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

/** Newest first; null: of any type. */
export async function listEnvironmentJobs(
  db: Database,
  environmentId: number,
  types: readonly string[] | null,
  { offset, limit }: { readonly offset: number; readonly limit: number },
) {
  if (types?.length === 0) return { count: 0, rows: [] };
  const all = db.selectFrom("jobs").where("environment_id", "=", environmentId).where("status", "!=", "uploading");
  const seen = types ? all.where("type", "in", [...types]) : all;
  const { count } = await seen.select((e) => e.fn.countAll<number | string>().as("count")).executeTakeFirstOrThrow();
  const rows = await seen.selectAll().orderBy("id", "desc").offset(offset).limit(limit).execute();
  return { count: Number(count), rows };
}

export const findEnvironmentJob = (db: Database, environmentId: number, uuid: string) =>
  db
    .selectFrom("jobs")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("uuid", "=", uuid)
    .where("status", "!=", "uploading")
    .executeTakeFirst();
