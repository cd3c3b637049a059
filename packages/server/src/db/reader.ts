/** A connection that only reads, for a thread of its own. `?` stands for a parameter. */
import type { SqlValue } from "./database.ts";
import type { DbLocation } from "./identity-index.ts";
import { openPostgresReader } from "./postgres/reader.ts";
import { openSqliteReader } from "./sqlite/reader.ts";

export interface Reader {
  all<Row>(sql: string, parameters: readonly SqlValue[]): Promise<Row[]>;
  close(): Promise<void>;
}

export function openReader(location: DbLocation): Reader {
  return location.kind === "sqlite" ? openSqliteReader(location.path) : openPostgresReader(location);
}
