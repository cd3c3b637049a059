/**
 * A file of identities, read piece by piece on a thread and written batch by batch. Batch and cursor are one transaction, so that after
 * a crash the next batch is the one that was not written.
 */
import type { JobHandler, JobOutcome, Task } from "../../jobs/job.ts";
import type { Thread } from "../../jobs/thread.ts";
import type { RowsAnswer, RowsQuestion } from "./batch-questions.ts";
import { writeOverrides } from "./bulk.store.ts";
import { importRows } from "./import.store.ts";
import { identifierBytes, readFeatures } from "./import-context.ts";
import type { CsvColumn } from "./import-csv.ts";
import {
  type Batches,
  createBatches,
  type IdentityJobDeps,
  type JobPlace,
  manyIdentities,
  tellEnd,
} from "./job-batches.ts";
import { holdFeature } from "./override-jobs.ts";
import type { ImportFormat, ReadBatch, RowContext } from "./read-rows.ts";

export interface ImportPayload {
  readonly place: JobPlace;
  readonly format: ImportFormat;
  readonly mayOverride: boolean;
  readonly columns?: readonly CsvColumn[];
}

interface ImportCursor {
  readonly piece: number;
  /** Of the piece. */
  readonly batch: number;
  readonly created: number;
  readonly overridden: number;
}

const START: ImportCursor = { piece: 0, batch: 0, created: 0, overridden: 0 };

/** A promise nobody waits for yet. */
function ahead<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

export function createImport(deps: IdentityJobDeps, thread: Thread): JobHandler {
  const { db, now } = deps;

  async function readPiece(task: Task, context: RowContext, piece: number): Promise<RowsAnswer | undefined> {
    const { format } = task.payload as ImportPayload;
    const stored = await task.files.read(task.job.id, "input", piece);
    if (!stored) return undefined;
    return thread.ask<RowsAnswer>({ format, context, ...stored } satisfies RowsQuestion);
  }

  async function writeBatch(task: Task, batches: Batches, batch: ReadBatch, next: ImportCursor): Promise<ImportCursor> {
    let cursor = next;
    await batches.commit(async (trx) => {
      const { environmentId } = (task.payload as ImportPayload).place;
      const { created, changed } = await importRows(trx, db.capabilities, { environmentId, ...batch, now: now() });
      const written: string[] = [];
      for (const { given, rows } of batch.overrides) {
        const features = new Set((JSON.parse(rows) as [string, number][]).map(([, feature]) => feature));
        for (const feature of features) await holdFeature(deps, trx, feature);
        const by = task.job.actor;
        written.push(...(await writeOverrides(trx, db.capabilities, { environmentId, rows, given, by, now: now() })));
      }
      const overridden = [...new Set(written)];
      cursor = { ...next, created: next.created + created, overridden: next.overridden + overridden.length };
      const { read: done, failed, problems } = batch;
      const log = `Overrides set for ${manyIdentities(overridden.length)} by an import`;
      const told = { action: "UPDATE" as const, log, identifiers: overridden };
      return {
        progress: { cursor, done, changed: created + changed, failed, problems },
        ...(overridden.length > 0 ? { told, movesFlags: true } : {}),
      };
    });
    return cursor;
  }

  return {
    run: async (task): Promise<JobOutcome> => {
      const { place, mayOverride, columns } = task.payload as ImportPayload;
      const context: RowContext = {
        features: await readFeatures(db, place),
        mayOverride,
        identifierBytes: identifierBytes(db),
        now: now(),
        ...(columns ? { columns } : {}),
      };
      const batches = createBatches(task, deps, place);
      let cursor = (task.cursor as ImportCursor | undefined) ?? START;
      let next = readPiece(task, context, cursor.piece);
      for (;;) {
        const read = await next;
        if (!read) break;
        // The next piece is read while this one is written.
        next = ahead(readPiece(task, context, cursor.piece + 1));
        for (const batch of read.slice(cursor.batch)) {
          const isLast = cursor.batch + 1 === read.length;
          const follows = isLast
            ? { ...cursor, piece: cursor.piece + 1, batch: 0 }
            : { ...cursor, batch: cursor.batch + 1 };
          cursor = await writeBatch(task, batches, batch, follows);
          await task.pause();
        }
        if (read.length === 0) cursor = { ...cursor, piece: cursor.piece + 1, batch: 0 };
      }
      const { done, changed, failed } = task.counts();
      const { created, overridden } = cursor;
      const figures = { created, changed: changed - created, unchanged: done - failed - changed, failed, overridden };
      const left = failed === 0 ? "" : `; ${failed} could not be read`;
      return { summary: `${manyIdentities(created)} created, ${changed - created} changed${left}.`, result: figures };
    },
    ended: (task, how) => {
      const { place, format } = task.payload as ImportPayload;
      const { changed, failed } = task.counts();
      const log = `${manyIdentities(changed)} of ${place.environmentName} created or changed by an import`;
      return tellEnd(task, deps, place, how, { action: "UPDATE", log, after: { format, failed }, movesFlags: true });
    },
  };
}
