/**
 * `burgee import FILE`: an exported installation into an empty database, in one transaction. Every table is read back and its sum
 * compared with the file's before the commit; anything amiss and nothing has happened.
 */
import type { Transaction } from "kysely";
import { forgetSetupTokens, hasAccounts } from "../../accounts/first-account.ts";
import type { Db } from "../../db/database.ts";
import type { Tables } from "../../db/tables.ts";
import { FORMAT } from "./export-installation.ts";
import {
  countRows,
  createSum,
  type Row,
  readPages,
  readRow,
  readSchema,
  type TableSum,
  writeRow,
} from "./transfer-rows.ts";
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
/** Characters of rows that are sent at once; a row may be larger. */
const BATCH_LENGTH = 4_000_000;

interface Head {
  readonly format?: unknown;
  readonly schema?: unknown;
  readonly rows?: unknown;
  readonly ids?: unknown;
}

interface Promised {
  readonly schema: string;
  readonly rows: number;
  /** By table, the highest id it ever gave. */
  readonly ids: Readonly<Record<string, number>>;
}

function parseLine(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new TransferError(`line ${number} is not JSON: the file is damaged or cut off`);
  }
}

function parseHead(line: string): Head | undefined {
  try {
    const head: unknown = JSON.parse(line);
    return typeof head === "object" && head !== null ? head : undefined;
  } catch {
    return undefined;
  }
}

function isCounts(ids: unknown): ids is Readonly<Record<string, number>> {
  return typeof ids === "object" && ids !== null && Object.values(ids).every((id) => Number.isSafeInteger(id));
}

function readHead(line: string | undefined): Promised {
  const { format, schema, rows, ids } = parseHead(line ?? "") ?? {};
  if (format !== FORMAT || typeof rows !== "number") {
    throw new TransferError(`this is no ${FORMAT} file; make one with: burgee export FILE`);
  }
  if (typeof schema !== "string" || !isCounts(ids)) throw new TransferError("the first line is damaged");
  return { schema, rows, ids };
}

async function refuseOtherSchema(trx: Transaction<Tables>, schema: string): Promise<void> {
  const own = await readSchema(trx);
  if (own === schema) return;
  throw new TransferError(
    `it was exported by another release (tables of "${schema}", here they are of "${own}"); export and import with the same one`,
  );
}

async function refuseUsedDatabase(trx: Transaction<Tables>): Promise<void> {
  // A server that was started on it has printed a link for its first account: that much it may hold.
  if (!(await hasAccounts(trx))) await forgetSetupTokens(trx);
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
      // As an installation of the same schema wrote them.
      .values(rows as never)
      .execute();
}

interface Counter {
  done: number;
  line: number;
  /** By table, the highest id so far. */
  readonly ids: Record<string, number>;
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
  let length = 0;
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
    const row = readRow(parseLine(line, counter.line));
    sum.add(line);
    batch.push(row);
    length += line.length;
    counter.done += 1;
    if (typeof row["id"] === "number") counter.ids[table.name] = Math.max(row["id"], counter.ids[table.name] ?? 0);
    if (batch.length < BATCH && length < BATCH_LENGTH) continue;
    await insert(trx, table, batch);
    batch = [];
    length = 0;
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

export async function importInstallation(db: Db, options: TransferOptions): Promise<{ readonly rows: number }> {
  const iterator = options.lines[Symbol.asyncIterator]();
  const counter: Counter = { done: 0, line: 0, ids: {} };
  const next = async (): Promise<string | undefined> => {
    const { value, done } = await iterator.next();
    counter.line += 1;
    return done ? undefined : value;
  };
  const { schema, rows: total, ids } = readHead(await next());
  return db.kysely.transaction().execute(async (trx) => {
    await refuseOtherSchema(trx, schema);
    await refuseUsedDatabase(trx);
    const sums: TableSum[] = [];
    for (const table of transferTables) {
      const head = await next();
      const named = head === undefined ? undefined : (parseLine(head, counter.line) as { table?: unknown }).table;
      if (named !== table.name) throw new TransferError(`line ${counter.line}: expected the table ${table.name}`);
      sums.push(await readTable(trx, table, next, counter, () => options.onProgress(counter.done, total)));
    }
    if ((await next()) !== undefined) throw new TransferError(`line ${counter.line}: nothing should follow here`);
    if (counter.done !== total) throw new TransferError(`the file promises ${total} rows and has ${counter.done}`);
    options.onProgress(total, total);
    let verified = 0;
    for (const [i, table] of transferTables.entries()) {
      await verify(trx, table, sums[i] as TableSum, (rows) => {
        verified += rows;
        options.onVerify(verified, total);
      });
    }
    for (const [name, id] of Object.entries(ids)) counter.ids[name] = Math.max(id, counter.ids[name] ?? 0);
    await db.idCounts.raise(trx, counter.ids);
    await db.learnContents(trx);
    return { rows: total };
  });
}
