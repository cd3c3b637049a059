/** A reader thread of its own inside one read transaction: what it reads fits together, and nobody waits for it. */
import { Kysely } from "kysely";
import type { Tables } from "../tables.ts";
import { createSqliteDialect } from "./dialect.ts";
import type { QueryAnswer } from "./protocol.ts";
import type { WorkerLink } from "./worker-link.ts";

export async function readSnapshot<Result>(
  reader: WorkerLink,
  limitMs: number,
  run: (db: Kysely<Tables>) => Promise<Result>,
): Promise<Result> {
  const query = (sql: string, parameters: readonly (string | number | bigint | null)[] = []) =>
    reader.request<QueryAnswer>({ kind: "query", sql, parameters }, limitMs);
  const refuse = () => Promise.reject(new Error("a snapshot is only for reading"));
  try {
    await query("begin");
    return await run(
      new Kysely({ dialect: createSqliteDialect({ read: query, write: refuse, begin: refuse, end: refuse }) }),
    );
  } finally {
    await reader.close();
  }
}
