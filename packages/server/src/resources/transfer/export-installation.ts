/**
 * `burgee export`: the whole installation as lines of JSON: a head, then for each table its name, its rows and its sum.
 * Read as of one moment, so that the parts fit together, while the server goes on writing.
 */
import type { Db } from "../../db/database.ts";
import { VERSION } from "../../version.ts";
import { countRows, createSum, readPages, readSchema, writeRow } from "./transfer-rows.ts";
import { transferTables } from "./transfer-tables.ts";

export const FORMAT = "burgee-installation-1";

export interface ExportOptions {
  /** Takes the next piece of the file; awaited, so that a slow disk holds the export back. */
  readonly write: (text: string) => Promise<void>;
  readonly onProgress: (done: number, total: number) => void;
}

export interface ExportResult {
  readonly rows: number;
}

export async function exportInstallation(db: Db, { write, onProgress }: ExportOptions): Promise<ExportResult> {
  return db.snapshot(async (trx) => {
    let total = 0;
    for (const table of transferTables) total += await countRows(trx, table);
    let done = 0;
    const head = { format: FORMAT, version: VERSION, schema: await readSchema(trx), rows: total };
    await write(`${JSON.stringify({ ...head, ids: await db.idCounts.read(trx) })}\n`);
    for (const table of transferTables) {
      const sum = createSum();
      await write(`${JSON.stringify({ table: table.name })}\n`);
      for await (const page of readPages(trx, table)) {
        const lines = page.map((row) => writeRow(table, row));
        for (const line of lines) sum.add(line);
        await write(`${lines.join("\n")}\n`);
        done += page.length;
        onProgress(done, total);
      }
      await write(`${JSON.stringify({ table: table.name, ...sum.end() })}\n`);
    }
    return { rows: done };
  });
}
