/** The sequences that columns named id own. They stand apart from transactions: what is read may be a little ahead, never behind. */
import { type Kysely, sql } from "kysely";
import type { IdCounts } from "../database.ts";
import type { Tables } from "../tables.ts";

interface Given {
  readonly name: string;
  readonly sequence: string;
  readonly last: number | null;
}

async function sequences(trx: Kysely<Tables>): Promise<Given[]> {
  // Materialized, or the function is asked of tables without such a column too, which is an error.
  const { rows } = await sql<Given>`
    with tables as materialized (
      select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'id'
      where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p'))
    select name, sequence, pg_sequence_last_value(sequence::regclass) as last
    from (select name, pg_get_serial_sequence(quote_ident(name), 'id') as sequence from tables) as owned
    where sequence is not null order by name`.execute(trx);
  return rows;
}

export const postgresIdCounts: IdCounts = {
  read: async (trx) => {
    const given = (await sequences(trx)).flatMap(({ name, last }) => (last === null ? [] : [[name, last] as const]));
    return Object.fromEntries(given);
  },
  raise: async (trx, counts) => {
    for (const { name, sequence, last } of await sequences(trx)) {
      const id = counts[name] ?? 0;
      if (id > (last ?? 0)) await sql`select setval(${sequence}::regclass, ${id})`.execute(trx);
    }
  },
};
