/**
 * `burgee import FILE`: an exported installation into an empty database, in one transaction. Every table is read back and its sum
 * compared with the file's before the commit; anything amiss and nothing has happened.
 */
import { sql, type Transaction } from "kysely";
import type { Db } from "../../db/database.ts";
import type { Tables } from "../../db/tables.ts";
import { FORMAT } from "./export-installation.ts";
import { countRows, createSum, type Row, readPages, readRow, type TableSum, writeRow } from "./transfer-rows.ts";
import { type TransferTable, transferTables } from "./transfer-tables.ts";

/** Its message is for people. */
export class TransferError extends Error {}

export interface TransferOptions {
  /** The file's lines, in order. */
  readonly lines: AsyncIterable<string>;
  readonly onProgress: (done: number, total: number) => void;
  readonly onVerify: (done: number, total: number) => void;
}

const BATCH = 500;

interface Head {
  readonly format?: unknown;
  readonly rows?: unknown;
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new TransferError(`line ${number} is not JSON: the file is damaged or cut off`);
  }
}

function readHead(line: string | undefined): number {
  const head = (line === undefined ? {} : parseLine(line, 1)) as Head;
  if (head?.format !== FORMAT || typeof head.rows !== "number") {
    throw new TransferError(`this is no ${FORMAT} file; make one with: burgee export FILE`);
  }
  return head.rows;
}

async function refuseUsedDatabase(trx: Transaction<Tables>): Promise<void> {
  for (const table of transferTables) {
    const rows = await countRows(trx, table);
    if (rows > 0)
      throw new TransferError(`the database is not empty (${table.name} has ${rows} rows); import into a new one`);
  }
}

async function insert(trx: Transaction<Tables>, table: TransferTable, rows: Row[]): Promise<void> {
  if (rows.length > 0)
    await trx
      .insertInto(table.name)
      .values(rows as never)
      .execute();
}

interface Counter {
  done: number;
  line: number;
}

/** One table's rows up to the line with its sum. */
async function readTable(
  trx: Transaction<Tables>,
  table: TransferTable,
  next: () => Promise<string | undefined>,
  counter: Counter,
  onRows: () => void,
): Promise<TableSum> {
  const sum = createSum();
  let batch: Row[] = [];
  for (;;) {
    const line = await next();
    if (line === undefined) throw new TransferError(`the file ends within ${table.name}: it is cut off`);
    if (!line.startsWith("[")) {
      await insert(trx, table, batch);
      const stated = parseLine(line, counter.line) as TableSum;
      const read = sum.end();
      if (stated.rows !== read.rows || stated.sha256 !== read.sha256) {
        throw new TransferError(
          `${table.name}: the rows do not fit their sum (line ${counter.line}); the file is damaged`,
        );
      }
      return read;
    }
    parseLine(line, counter.line);
    sum.add(line);
    batch.push(readRow(line));
    counter.done += 1;
    if (batch.length < BATCH) continue;
    await insert(trx, table, batch);
    batch = [];
    onRows();
  }
}

async function verify(
  trx: Transaction<Tables>,
  table: TransferTable,
  expected: TableSum,
  onRows: (rows: number) => void,
) {
  const sum = createSum();
  for await (const page of readPages(trx, table)) {
    for (const row of page) sum.add(writeRow(table, row));
    onRows(page.length);
  }
  const { rows, sha256 } = sum.end();
  if (rows !== expected.rows || sha256 !== expected.sha256) {
    throw new TransferError(
      `${table.name}: what was stored differs from the file (${rows} of ${expected.rows} rows); nothing was kept`,
    );
  }
}

/** PostgreSQL counts ids by itself: after rows that brought theirs, it must go on behind the highest. */
async function moveSequences(db: Db, trx: Transaction<Tables>): Promise<void> {
  if (!db.capabilities.separateSequences) return;
  for (const { name, key } of transferTables) {
    if (!key.includes("id")) continue;
    await sql`select setval(pg_get_serial_sequence(${name}, 'id'), greatest((select coalesce(max(id), 0) from ${sql.table(name)}), 1), (select count(*) > 0 from ${sql.table(name)}))`.execute(
      trx,
    );
  }
}

export async function importInstallation(db: Db, options: TransferOptions): Promise<{ readonly rows: number }> {
  const iterator = options.lines[Symbol.asyncIterator]();
  const counter: Counter = { done: 0, line: 0 };
  const next = async (): Promise<string | undefined> => {
    const { value, done } = await iterator.next();
    counter.line += 1;
    return done ? undefined : value;
  };
  const total = readHead(await next());
  return db.kysely.transaction().execute(async (trx) => {
    await refuseUsedDatabase(trx);
    const sums: TableSum[] = [];
    for (const table of transferTables) {
      const head = await next();
      const named = head === undefined ? undefined : (parseLine(head, counter.line) as { table?: unknown }).table;
      if (named !== table.name) throw new TransferError(`line ${counter.line}: expected the table ${table.name}`);
      sums.push(await readTable(trx, table, next, counter, () => options.onProgress(counter.done, total)));
    }
    if (counter.done !== total) throw new TransferError(`the file promises ${total} rows and has ${counter.done}`);
    options.onProgress(total, total);
    let verified = 0;
    for (const [i, table] of transferTables.entries()) {
      await verify(trx, table, sums[i] as TableSum, (rows) => {
        verified += rows;
        options.onVerify(verified, total);
      });
    }
    await moveSequences(db, trx);
    return { rows: total };
  });
}
