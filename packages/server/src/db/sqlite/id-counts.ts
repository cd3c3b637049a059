/** What AUTOINCREMENT remembers, so that an id never comes back, is a table that may be read and written. */
import { sql } from "kysely";
import type { IdCounts } from "../database.ts";

interface Given {
  readonly name: string;
  readonly seq: number;
}

export const sqliteIdCounts: IdCounts = {
  read: async (trx) => {
    const { rows } = await sql<Given>`select name, seq from sqlite_sequence order by name`.execute(trx);
    return Object.fromEntries(rows.map(({ name, seq }) => [name, seq]));
  },
  raise: async (trx, counts) => {
    for (const [name, id] of Object.entries(counts)) {
      const known = sql`update sqlite_sequence set seq = max(seq, ${id}) where name = ${name} returning seq`;
      if ((await known.execute(trx)).rows.length > 0) continue;
      await sql`insert into sqlite_sequence (name, seq) values (${name}, ${id})`.execute(trx);
    }
  },
};
