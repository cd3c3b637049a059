/** Who was not seen for long, and where that matters. */
import { type Kysely, sql } from "kysely";
import type { Tables } from "../../db/tables.ts";

type Database = Kysely<Tables>;

export async function countUnseen(db: Database, environmentId: number, day: number) {
  const { rows } = await sql<{ total: number | string; unseen: number | string | null; oldest: number | null }>`
    select count(*) as total, sum(case when last_seen_day < ${day} then 1 else 0 end) as unseen, min(last_seen_day) as oldest
    from identities where environment_id = ${environmentId}`.execute(db);
  const { total = 0, unseen = 0, oldest = null } = rows[0] ?? {};
  return { total: Number(total), unseen: Number(unseen ?? 0), oldest };
}

export const listRetentions = (db: Database) =>
  db
    .selectFrom("environments as e")
    .innerJoin("projects as p", "p.id", "e.project_id")
    .where("e.identity_retention_days", "is not", null)
    .select(["e.id", "e.name", "e.identity_retention_days as days", "p.id as project_id", "p.organisation_id"])
    .execute();
