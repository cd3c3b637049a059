/**
 * Identities into a file that an import reads again: a line of JSON each, or CSV. It is written in pieces, one a batch, and each piece
 * by its number, so that a batch that is done again replaces what it wrote.
 */
import { JobFailure, type JobHandler, type JobOutcome, type Task } from "../../jobs/job.ts";
import { type ExportedRow, readOverrides, readRows } from "./export.store.ts";
import { type CsvColumns, cell, columnsOf, csvLine } from "./export-csv.ts";
import { listProjectOptions } from "./features.store.ts";
import { type IdentityJobDeps, manyIdentities, type OverTargets } from "./job-batches.ts";
import { countTargets, nextTargets } from "./targets.ts";

export interface ExportPayload extends OverTargets {
  readonly format: "ndjson" | "csv";
  readonly overrides: boolean;
}

interface ExportCursor {
  /** null: the last piece is written. */
  readonly at: number | null;
  readonly piece: number;
  readonly characters: number;
  /** CSV reads everybody twice: who has which columns, then their cells. */
  readonly columns?: CsvColumns;
  readonly isHeaded?: boolean;
}

const MAX_CHARACTERS = 2_000_000_000;
const DAY_MS = 86_400_000;

type ExportedOverride = Awaited<ReturnType<typeof readOverrides>>[number];
interface StoredShare {
  readonly option_id: number;
  readonly percentage_allocation: number;
}

function writeOverride(row: ExportedOverride, keys: ReadonlyMap<number, string | null>): object {
  const [only, ...others] = JSON.parse(row.variants) as StoredShare[];
  const pinned = only && others.length === 0 && only.percentage_allocation === 100 ? keys.get(only.option_id) : null;
  return {
    feature: row.name,
    enabled: row.enabled === 1,
    ...(pinned ? { variant: pinned } : { value: JSON.parse(row.value) as unknown }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.expires_at === null ? {} : { expires_at: new Date(row.expires_at).toISOString() }),
  };
}

const datesOf = (row: ExportedRow) => ({
  created: new Date(row.created_at).toISOString(),
  seen: new Date(row.last_seen_day * DAY_MS).toISOString().slice(0, 10),
});

/** The traits are spliced in as they are stored, so that 2.0 stays 2.0. */
function line(row: ExportedRow, overrides: readonly object[] | undefined): string {
  const listed = overrides ? `,"overrides":${JSON.stringify(overrides)}` : "";
  const { created, seen } = datesOf(row);
  return `{"identifier":${JSON.stringify(row.identifier)},"created_date":"${created}","last_seen":"${seen}","traits":${row.traits}${listed}}\n`;
}

export function createExport(deps: IdentityJobDeps): JobHandler {
  const { db } = deps;

  async function readBatch(payload: ExportPayload, at: number) {
    const found = await nextTargets(deps, payload.place.environmentId, payload.targets, at);
    const ids = found.rows.map((row) => row.id);
    const rows = ids.length > 0 ? await readRows(db.kysely, payload.place.environmentId, ids) : [];
    return { found, rows };
  }

  async function overridesOf(payload: ExportPayload, rows: readonly ExportedRow[]) {
    const named = rows.filter((row) => row.has_overrides === 1).map((row) => row.identifier);
    if (!payload.overrides || named.length === 0) return new Map<string, ExportedOverride[]>();
    const found = await readOverrides(db.kysely, payload.place.environmentId, named);
    return Map.groupBy(found, (row) => row.identifier);
  }

  async function gatherColumns(task: Task, payload: ExportPayload): Promise<CsvColumns> {
    const columns = columnsOf();
    let at: number | null = 0;
    while (at !== null) {
      const { found, rows } = await readBatch(payload, at);
      for (const row of rows) columns.add(row.traits);
      for (const [, overrides] of await overridesOf(payload, rows))
        for (const { name } of overrides) columns.addFeature(name);
      if (columns.count() > 1000) throw new JobFailure("There are more than 1,000 columns: export NDJSON instead.");
      at = found.next;
      await task.pause();
    }
    return columns.list();
  }

  return {
    run: async (task): Promise<JobOutcome> => {
      const payload = task.payload as ExportPayload;
      const { place, targets, format } = payload;
      const stored = task.cursor as ExportCursor | undefined;
      let cursor: ExportCursor = stored ?? { at: 0, piece: 0, characters: 0 };
      if (!stored) {
        const columns = format === "csv" ? await gatherColumns(task, payload) : undefined;
        cursor = { ...cursor, ...(columns ? { columns } : {}) };
        await task.save({ cursor, total: await countTargets(db, place.environmentId, targets) });
      }
      const options = await listProjectOptions(db.kysely, place.projectId);
      const keys = new Map(options.map(({ id, key }) => [id, key]));
      while (cursor.at !== null) {
        const { found, rows } = await readBatch(payload, cursor.at);
        const overrides = await overridesOf(payload, rows);
        const { columns } = cursor;
        const written = rows.map((row) => {
          const own = (overrides.get(row.identifier) ?? []).map((override) => writeOverride(override, keys));
          return columns
            ? csvLine(columns, { ...row, ...datesOf(row) }, own)
            : line(row, payload.overrides ? own : undefined);
        });
        const head = columns && cursor.piece === 0 ? `${columns.map((column) => cell(column.head)).join(",")}\n` : "";
        const text = head + written.join("");
        await task.files.write(task.job.id, "output", cursor.piece, { text, firstLine: 1 });
        cursor = {
          ...cursor,
          at: found.next,
          piece: cursor.piece + 1,
          characters: cursor.characters + text.length,
        };
        if (cursor.characters > MAX_CHARACTERS)
          throw new JobFailure("The file would be larger than 2 GB: export fewer at a time.");
        await task.save({ cursor, done: found.looked, changed: 0, failed: found.missing.length });
        await task.pause();
      }
      const { done, failed } = task.counts();
      const name = `identities-${place.environmentId}.${format}`;
      const type = format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson";
      return { summary: `${manyIdentities(done - failed)} exported.`, file: { name, type } };
    },
  };
}
