/** An import's file on its way in: kept for the job, or only counted. The route and the command share this. */
import type { DryRun, JobProblem } from "@burgee/contract/admin";
import type { Db } from "../../db/database.ts";
import type { JobRow } from "../../jobs/job.ts";
import type { JobAsker, Jobs } from "../../jobs/jobs.ts";
import type { Thread } from "../../jobs/thread.ts";
import type { RowsAnswer, RowsQuestion } from "./batch-questions.ts";
import { countRows } from "./import.store.ts";
import { identifierBytes, readFeatures } from "./import-context.ts";
import { type CsvColumn, readHeader } from "./import-csv.ts";
import type { ImportPayload } from "./import-job.ts";
import type { JobPlace } from "./job-batches.ts";
import type { ImportFormat, RowContext } from "./read-rows.ts";
import { type Piece, SpoolFault, spool } from "./spool.ts";

export interface ImportAsked {
  readonly place: JobPlace;
  readonly format: ImportFormat;
  readonly mayOverride: boolean;
  readonly body: AsyncIterable<Uint8Array>;
}

interface TakeDeps {
  readonly db: Db;
  readonly jobs: Jobs;
  readonly thread: Thread;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Bytes. */
  readonly importLimit: number;
}

const MAX_PROBLEMS = 100;

/** Throws SpoolFault and RowFault where the file is at fault. */
export async function spoolImport(deps: TakeDeps, asked: ImportAsked, asker: JobAsker): Promise<JobRow> {
  const { db, jobs, importLimit } = deps;
  const { place, format, mayOverride } = asked;
  const features = format === "csv" ? await readFeatures(db, place) : [];
  const payload: ImportPayload = { place, format, mayOverride };
  const { organisationId, environmentId } = place;
  const upload = await jobs.addUpload({ type: "import_identities", organisationId, environmentId, payload, asker });
  let columns: readonly CsvColumn[] | undefined;
  let pieces = 0;
  let lines = 0;
  try {
    for await (const piece of spool(asked.body, { format, limit: importLimit })) {
      if (pieces === 0 && format === "csv") columns = readHeader(piece.text, features);
      await jobs.files.write(upload.id, "input", pieces, piece);
      pieces += 1;
      lines = lastLine(piece);
    }
    if (pieces === 0) throw new SpoolFault("The file is empty.");
  } catch (error) {
    await jobs.dropUpload(upload);
    throw error;
  }
  const total = Math.max(0, lines - (columns ? 1 : 0));
  return jobs.queue(upload, { payload: columns ? { ...payload, columns } : payload, total });
}

/** The lines of a file are its rows, but for quoted line breaks and empty lines: good enough to show how far a job is. */
function lastLine({ text, firstLine }: Piece): number {
  let lines = firstLine - 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines += 1;
  return text.endsWith("\n") ? lines : lines + 1;
}

/** Reads everything and writes nothing. An identity that is in the file twice is counted twice. */
export async function countImport(
  { db, thread, now, importLimit }: Omit<TakeDeps, "jobs">,
  { place, format, mayOverride, body }: ImportAsked,
): Promise<Omit<DryRun, "type" | "dry_run">> {
  let context: RowContext = {
    features: await readFeatures(db, place),
    mayOverride,
    identifierBytes: identifierBytes(db),
    now: now(),
  };
  const sums = { matched: 0, would_create: 0, would_change: 0, would_delete: 0, unchanged: 0 };
  const problems: JobProblem[] = [];
  let isFirst = true;
  for await (const piece of spool(body, { format, limit: importLimit })) {
    if (isFirst && format === "csv") context = { ...context, columns: readHeader(piece.text, context.features) };
    isFirst = false;
    const batches = await thread.ask<RowsAnswer>({ format, context, ...piece } satisfies RowsQuestion);
    for (const batch of batches) {
      const rows = { environmentId: place.environmentId, rows: batch.rows, count: batch.count, now: now() };
      const counted = db.kysely.transaction().execute((trx) => countRows(trx, db.capabilities, rows));
      const { created, changed } = await counted;
      sums.matched += batch.count;
      sums.would_create += created;
      sums.would_change += changed;
      sums.unchanged += batch.count - created - changed;
      problems.push(...batch.problems.slice(0, MAX_PROBLEMS - problems.length));
    }
  }
  if (isFirst) throw new SpoolFault("The file is empty.");
  return { ...sums, problems };
}
