/** What all jobs about identities share: where they take place, how a batch is committed and audited, and the walk over targets. */
import { sql, type Transaction } from "kysely";
import { type AuditEntry, type Changes, identitySubject, type RequestInfo } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import type { Tables } from "../../db/tables.ts";
import type { Documents } from "../../documents/documents.ts";
import type { BatchProgress, JobEnding, JobRow, Task } from "../../jobs/job.ts";
import type { Search } from "../../search/search.ts";
import type { TargetRow } from "./bulk.store.ts";
import { countTargets, nextTargets, type TargetBatch, type Targets } from "./targets.ts";

export interface IdentityJobDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly documents: Documents;
  readonly search: Pick<Search, "scanMatching" | "countMatching">;
  /** Who listens to identities hears that any of an environment's may have changed. */
  readonly news?: { changedAll(environmentId: number): void };
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface JobPlace {
  readonly organisationId: number;
  readonly projectId: number;
  readonly environmentId: number;
  readonly environmentName: string;
}

export interface OverTargets {
  readonly place: JobPlace;
  readonly targets: Targets;
}

const requestOf = ({ actor, request_id, address }: JobRow): RequestInfo => ({
  actor,
  requestId: request_id,
  address,
});

interface Told {
  readonly action: AuditEntry["action"];
  readonly log: string;
  readonly after?: unknown;
  /** Whose history it belongs to. */
  readonly identifiers?: readonly string[];
  readonly featureId?: number;
}

/** Beside its job, an entry is found through each identity it is about: one row for many, whatever their number. */
function jobEntry(job: JobRow, place: JobPlace, told: Told): AuditEntry {
  const { action, log, after = null, identifiers = [], featureId } = told;
  return {
    action,
    objectType: "job",
    objectId: String(job.id),
    organisationId: place.organisationId,
    projectId: place.projectId,
    environmentId: place.environmentId,
    log,
    before: null,
    after,
    subjects: [
      ...(featureId === undefined ? [] : [{ type: "feature", id: String(featureId) }]),
      ...identifiers.map((identifier) => ({ type: "identity", id: identitySubject(place.environmentId, identifier) })),
    ],
  };
}

export const manyIdentities = (count: number): string => (count === 1 ? "1 identity" : `${count} identities`);

interface Batch {
  readonly progress: BatchProgress;
  /** Left out: nothing was changed. */
  readonly told?: Told | undefined;
  /** Somebody evaluates differently. */
  readonly movesFlags?: boolean;
}

/** Copies of the environment are made anew at most so often while a job runs; the last time when it is over. */
const REVISION_EVERY_MS = 1_000;

export interface Batches {
  /** Rows, audit and progress of a batch, in one transaction. */
  commit(body: (trx: Transaction<Tables>) => Promise<Batch>): Promise<void>;
}

export function createBatches(task: Task, { db, changes, news, now }: IdentityJobDeps, place: JobPlace): Batches {
  const { lookUpByKey } = db.capabilities;
  let movedAt = 0;
  return {
    commit: async (body) => {
      const isDue = now() - movedAt >= REVISION_EVERY_MS;
      const moved = await changes.commit(requestOf(task.job), async (trx) => {
        if (lookUpByKey) await sql.raw(lookUpByKey).execute(trx);
        const { progress, told, movesFlags = false } = await body(trx);
        await task.save(progress, trx);
        return {
          result: movesFlags && isDue,
          entries: told ? [jobEntry(task.job, place, told)] : [],
          environments: movesFlags && isDue ? [place.environmentId] : [],
        };
      });
      if (!moved) return;
      movedAt = now();
      news?.changedAll(place.environmentId);
    },
  };
}

/** Says in the audit log what a job did in all, and lets copies of the environment be made anew where flags moved. */
export async function tellEnd(
  task: Task,
  { changes, news }: IdentityJobDeps,
  place: JobPlace,
  how: JobEnding,
  end: Omit<Told, "identifiers"> & { readonly movesFlags: boolean },
): Promise<void> {
  const { movesFlags, ...told } = end;
  const counts = task.counts();
  if (counts.changed === 0) return;
  await changes.commit(requestOf(task.job), async () => ({
    result: undefined,
    entries: [jobEntry(task.job, place, { ...told, after: { ...(told.after as object), status: how, ...counts } })],
    environments: movesFlags ? [place.environmentId] : [],
  }));
  news?.changedAll(place.environmentId);
}

interface Walked {
  readonly rows: readonly TargetRow[];
  /** To be saved with whatever the batch changes. */
  readonly progress: (changed: number) => BatchProgress;
}

const problemsOf = ({ missing }: TargetBatch) =>
  missing.map((identifier) => ({ identifier, message: "There is no such identity." }));

/** All targets, from where the job left off. */
export async function overTargets(
  task: Task,
  deps: IdentityJobDeps,
  { place, targets }: OverTargets,
  batch: (walked: Walked) => Promise<void>,
): Promise<void> {
  const cursor = task.cursor as { readonly at: number | null } | undefined;
  const total = cursor ? undefined : await countTargets(deps.db, place.environmentId, targets);
  let at = cursor ? cursor.at : 0;
  while (at !== null) {
    const found = await nextTargets(deps, place.environmentId, targets, at);
    const begins = { cursor: { at: found.next }, done: found.looked, failed: found.missing.length };
    const problems = problemsOf(found);
    await batch({
      rows: found.rows,
      progress: (changed) => ({ ...begins, changed, problems, ...(total === undefined ? {} : { total }) }),
    });
    at = found.next;
    await task.pause();
  }
}
