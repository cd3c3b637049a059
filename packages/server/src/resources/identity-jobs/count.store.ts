/** Identities as texts that only pass through the serving thread: one value for thousands of rows. */
import { type Kysely, sql } from "kysely";
import type { Capabilities } from "../../db/database.ts";
import type { Tables } from "../../db/tables.ts";

export interface RowsText {
  /** A line each: [id, identifier, traits]. */
  readonly text: string;
  readonly count: number;
  /** The id of the last one. */
  readonly last: number;
}

export async function readRowsText(
  db: Kysely<Tables>,
  { toJson }: Capabilities,
  environmentId: number,
  afterId: number,
  limit: number,
): Promise<RowsText | undefined> {
  const { rows } = await sql<{ text: string | null; count: number | string; last: number | null }>`
    select string_agg(line, ${"\n"}) as text, count(*) as count, max(id) as last from (
      select id, '[' || id || ',' || cast(${sql.raw(toJson)}(identifier) as text) || ',' || cast(traits as text) || ']' as line
      from identities where environment_id = ${environmentId} and id > ${afterId}
      order by id limit ${limit}) as page`.execute(db);
  const [row] = rows;
  if (!row || row.text === null || row.last === null) return undefined;
  return { text: row.text, count: Number(row.count), last: row.last };
}
