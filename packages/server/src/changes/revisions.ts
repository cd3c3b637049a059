/** Moves the revisions of the environments a change touches, in the order of their ids, so that two changes never wait crosswise. */
import { sql, type Transaction } from "kysely";
import type { Db } from "../db/database.ts";
import type { Tables } from "../db/tables.ts";
import type { EnvironmentChange } from "./commit.ts";

export interface Scope {
  readonly environments?: readonly number[];
  readonly projects?: readonly number[];
}

/** No copy is as new: whoever holds the environment asks the database, and finds it gone. */
export const goneRevision = Number.MAX_SAFE_INTEGER;

export async function bumpRevisions(
  db: Db,
  trx: Transaction<Tables>,
  scope: Scope,
  now: number,
): Promise<EnvironmentChange[]> {
  const named = scope.environments ?? [];
  const ids = await lockEnvironments(db, trx, named, scope.projects ?? []);
  const moved: EnvironmentChange[] = [];
  for (let start = 0; start < ids.length; start += 500) {
    const rows = await trx
      .updateTable("environments")
      .set({
        revision: sql<number>`revision + 1`,
        // Nobody has seen what a transaction made before it was done.
        previous_updated_at: sql<number | null>`case when revision = 0 then null else updated_at end`,
        // Strictly later than before, whatever the clock says: clients compare it.
        updated_at: sql<number>`case when updated_at >= ${now} then updated_at + 1 else ${now} end`,
      })
      .where("id", "in", ids.slice(start, start + 500))
      .returning(["id", "revision", "updated_at"])
      .execute();
    moved.push(...rows.map((row) => ({ environmentId: row.id, revision: row.revision, updatedAt: row.updated_at })));
  }
  const alive = new Set(ids);
  const gone = [...new Set(named)].filter((id) => !alive.has(id));
  return [
    ...moved.sort((a, b) => a.environmentId - b.environmentId),
    ...gone.map((environmentId) => ({ environmentId, revision: goneRevision, updatedAt: now })),
  ];
}

async function lockEnvironments(
  db: Db,
  trx: Transaction<Tables>,
  environments: readonly number[],
  projects: readonly number[],
): Promise<number[]> {
  if (environments.length === 0 && projects.length === 0) return [];
  const query = trx
    .selectFrom("environments")
    .select("id")
    .where((where) =>
      where.or([
        ...(environments.length > 0 ? [where("id", "in", [...environments])] : []),
        ...(projects.length > 0 ? [where("project_id", "in", [...projects])] : []),
      ]),
    )
    .orderBy("id");
  // A store for one process has one writer: the transaction is the lock.
  const rows = await (db.capabilities.multiNode ? query.forNoKeyUpdate() : query).execute();
  return rows.map((row) => row.id);
}
