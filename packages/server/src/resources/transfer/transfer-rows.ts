/** Reads tables in pages and writes rows in one canonical spelling, so that both databases give the same checksum. */
import { createHash } from "node:crypto";
import { parseJson, writeTraitValue } from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";
import { type Kysely, sql } from "kysely";
import type { Tables } from "../../db/tables.ts";
import type { TransferTable } from "./transfer-tables.ts";

export type Row = Record<string, unknown>;

const PAGE = 2000;

/** Rows of a table in key order. */
export async function* readPages(db: Kysely<Tables>, table: TransferTable): AsyncGenerator<Row[]> {
  const { name, key, page = PAGE } = table;
  const columns = sql.join(key.map((column) => sql.ref(column)));
  let after: unknown[] | undefined;
  for (;;) {
    const where = after ? sql`where (${columns}) > (${sql.join(after)})` : sql``;
    const { rows } =
      await sql<Row>`select * from ${sql.table(name)} ${where} order by ${columns} limit ${page}`.execute(db);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (rows.length < page || !last) return;
    after = key.map((column) => last[column]);
  }
}

export async function countRows(db: Kysely<Tables>, { name }: TransferTable): Promise<number> {
  const { rows } = await sql<{ n: number | string }>`select count(*) as n from ${sql.table(name)}`.execute(db);
  return Number(rows[0]?.n ?? 0);
}

/** The newest migration: a file fits a database where both have the same. */
export async function readSchema(db: Kysely<Tables>): Promise<string> {
  const { rows } = await sql<{ name: string }>`select max(name) as name from kysely_migration`.execute(db);
  return rows[0]?.name ?? "";
}

function canonicalTraits(stored: unknown): string {
  const text = typeof stored === "string" ? stored : JSON.stringify(stored);
  const parsed = parseJson(text);
  if (!parsed.ok) return text;
  const traits = parsed.value as Record<string, TraitValue>;
  const members = Object.keys(traits)
    .sort()
    .map((key) => {
      const value = traits[key] ?? null;
      return `${JSON.stringify(key)}:${writeTraitValue(value)}`;
    });
  return `{${members.join(",")}}`;
}

/** The row as one line of JSON, columns in alphabetical order. */
export function writeRow(table: TransferTable, row: Row): string {
  const columns = Object.keys(row).sort();
  return JSON.stringify(
    columns.map((column) => [column, table.traits && column === "traits" ? canonicalTraits(row[column]) : row[column]]),
  );
}

export function readRow(columns: unknown): Row {
  return Object.fromEntries(columns as [string, unknown][]);
}

export interface Sum {
  add(line: string): void;
  /** Rows and the SHA-256 over their lines. */
  end(): TableSum;
}

export interface TableSum {
  readonly rows: number;
  readonly sha256: string;
}

export function createSum(): Sum {
  const hash = createHash("sha256");
  let rows = 0;
  return {
    add: (line) => {
      rows += 1;
      hash.update(line).update("\n");
    },
    end: () => ({ rows, sha256: hash.digest("hex") }),
  };
}
