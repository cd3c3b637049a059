/**
 * The first query of a change that checks before it writes: the next such change waits for this one. A store for one process
 * has one writer, and there the transaction is the lock. Lock a project before its environments, never after.
 */
import type { Selectable, Transaction } from "kysely";
import type { Db } from "./database.ts";
import type { EnvironmentsTable, ProjectsTable, Tables } from "./tables.ts";

export function lockProject(
  db: Db,
  trx: Transaction<Tables>,
  id: number,
): Promise<Selectable<ProjectsTable> | undefined> {
  const query = trx.selectFrom("projects").selectAll().where("id", "=", id);
  return (db.capabilities.multiNode ? query.forNoKeyUpdate() : query).executeTakeFirst();
}

export function lockEnvironment(
  db: Db,
  trx: Transaction<Tables>,
  id: number,
): Promise<Selectable<EnvironmentsTable> | undefined> {
  const query = trx.selectFrom("environments").selectAll().where("id", "=", id);
  return (db.capabilities.multiNode ? query.forNoKeyUpdate() : query).executeTakeFirst();
}
