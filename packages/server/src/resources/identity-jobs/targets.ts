/** Which identities a job is about, a batch at a time. */
import type { JobTargets } from "@burgee/contract/admin";
import type { Db } from "../../db/database.ts";
import type { Search } from "../../search/search.ts";
import { countIdentities, readAfter, readByIdentifiers, type TargetRow } from "./bulk.store.ts";

export type Targets = JobTargets & {
  /** Only those that were not seen from this day (since 1970) on. */
  readonly unseenSince?: number;
};

export interface TargetBatch {
  readonly rows: readonly TargetRow[];
  /** Of a list: those that do not exist. */
  readonly missing: readonly string[];
  /** How many were looked at. */
  readonly looked: number;
  /** Where the next batch begins; null: this was the last. */
  readonly next: number | null;
}

const BATCH = 500;

export interface TargetDeps {
  readonly db: Db;
  readonly search: Pick<Search, "scanMatching">;
}

export async function nextTargets(
  { db, search }: TargetDeps,
  environmentId: number,
  targets: Targets,
  at: number,
  limit = BATCH,
): Promise<TargetBatch> {
  if (targets.identifiers) return listed(db, environmentId, targets.identifiers, at, limit);
  if (targets.query !== undefined) {
    const found = await search.scanMatching({ environmentId, query: targets.query, afterId: at, limit });
    return { rows: found.identities, missing: [], looked: found.identities.length, next: found.nextId };
  }
  const rows = await readAfter(db.kysely, environmentId, at, limit, targets.unseenSince);
  return { rows, missing: [], looked: rows.length, next: rows.length < limit ? null : (rows.at(-1)?.id ?? null) };
}

async function listed(
  db: Db,
  environmentId: number,
  identifiers: readonly string[],
  at: number,
  limit: number,
): Promise<TargetBatch> {
  const wanted = identifiers.slice(at, at + limit);
  const next = at + limit < identifiers.length ? at + limit : null;
  if (wanted.length === 0) return { rows: [], missing: [], looked: 0, next };
  const rows = await readByIdentifiers(db.kysely, environmentId, wanted);
  const found = new Set(rows.map((row) => row.identifier));
  return { rows, missing: wanted.filter((identifier) => !found.has(identifier)), looked: wanted.length, next };
}

/** null: not known without looking at all of them. */
export async function countTargets(db: Db, environmentId: number, targets: Targets): Promise<number | null> {
  if (targets.identifiers) return targets.identifiers.length;
  return targets.all ? countIdentities(db.kysely, environmentId) : null;
}
