/**
 * CSV of identities: a column `identifier`, then a column a trait (`key`, whose cells' types are guessed, or `key:string`,
 * `key:integer`, `key:float`, `key:boolean`) and `override:FEATURE`. An empty cell says nothing.
 */
import type { JobProblem } from "@burgee/contract/admin";
import { parseJson, wholeFloat } from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";
import { parse } from "csv-parse/sync";
import { RowFault } from "./read-fields.ts";
import type { RawRow } from "./read-rows.ts";

export type CsvType = "string" | "integer" | "float" | "boolean";

export type CsvColumn =
  | { readonly kind: "identifier" }
  | { readonly kind: "created" }
  | { readonly kind: "seen" }
  | { readonly kind: "trait"; readonly key: string; readonly type: CsvType | null }
  | { readonly kind: "override"; readonly feature: string };

interface CsvRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

const OPTIONS = {
  bom: true,
  info: true,
  relax_column_count: true,
  skip_empty_lines: true,
  max_record_size: 2_000_000,
} as const;
const typed = /^(.+):(string|integer|float|boolean)$/s;

function readColumn(head: string, known: ReadonlySet<string>): CsvColumn {
  const name = head.trim();
  if (name === "identifier") return { kind: "identifier" };
  if (name === "created_date") return { kind: "created" };
  if (name === "last_seen") return { kind: "seen" };
  if (name.startsWith("override:")) {
    const feature = name.slice("override:".length).trim();
    if (!known.has(feature.toLowerCase())) throw new RowFault(`Column "${name}": there is no such feature.`);
    return { kind: "override", feature };
  }
  const [, key = name, type = null] = typed.exec(name) ?? [];
  if (key === "" || key.length > 200) throw new RowFault("A column's name has 1 to 200 characters.");
  return { kind: "trait", key, type: type as CsvType | null };
}

/** A trait may have a column for each of its types. */
function isSame(one: CsvColumn, other: CsvColumn): boolean {
  if (one.kind === "trait") return other.kind === "trait" && one.key === other.key && one.type === other.type;
  if (one.kind !== "override") return one.kind === other.kind;
  return other.kind === "override" && one.feature.toLowerCase() === other.feature.toLowerCase();
}

/** Throws RowFault. */
export function readHeader(text: string, features: readonly { readonly name: string }[]): CsvColumn[] {
  let records: CsvRecord[];
  try {
    records = parse(text, { ...OPTIONS, to: 1 }) as unknown as CsvRecord[];
  } catch (error) {
    throw new RowFault(`The first line cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  const known = new Set(features.map(({ name }) => name.toLowerCase()));
  const columns = (records[0]?.record ?? []).map((head) => readColumn(head, known));
  if (columns.length > 2000) throw new RowFault("There are more than 2,000 columns.");
  if (columns.filter(({ kind }) => kind === "identifier").length !== 1) {
    throw new RowFault('The first line names the columns, with commas between, one of them "identifier".');
  }
  const twice = columns.find((column, at) => columns.findIndex((other) => isSame(column, other)) < at);
  if (twice) throw new RowFault(`Column "${records[0]?.record[columns.indexOf(twice)]?.trim()}" is there twice.`);
  return columns;
}

function guess(text: string): TraitValue {
  if (text === "true" || text === "false") return text === "true";
  if (/^-?(?:0|[1-9]\d{0,9})$/.test(text)) {
    const value = Number(text);
    return value >= -2147483648 && value <= 2147483647 ? value + 0 : text;
  }
  if (!/^-?(?:0|[1-9]\d{0,14})\.\d{1,15}$/.test(text)) return text;
  return Number.isInteger(Number(text)) ? wholeFloat(Number(text)) : Number(text);
}

function readCell(text: string, key: string, type: CsvType | null): TraitValue {
  const fault = (what: string) => new RowFault(`trait ${key}: "${text.slice(0, 50)}" is not ${what}`);
  if (type === null) return guess(text);
  if (type === "string") return text;
  if (type === "boolean") {
    if (/^(?:true|yes|1)$/i.test(text)) return true;
    if (/^(?:false|no|0)$/i.test(text)) return false;
    throw fault("true or false");
  }
  const number = /^[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
  if (type === "integer") {
    if (Number.isInteger(number) && !/[.e]/i.test(text)) return number + 0;
    throw fault("a whole number");
  }
  if (!Number.isFinite(number)) throw fault("a number");
  return Number.isInteger(number) ? wholeFloat(number) : number;
}

/** `on`, `off`, a JSON object as in NDJSON, or a value, which is then on. */
function readOverride(feature: string, text: string): object {
  if (/^(?:on|true)$/i.test(text)) return { feature, enabled: true };
  if (/^(?:off|false)$/i.test(text)) return { feature, enabled: false };
  if (!text.startsWith("{")) return { feature, enabled: true, value: guess(text) };
  const parsed = parseJson(text);
  if (!parsed.ok || typeof parsed.value !== "object") throw new RowFault(`override of ${feature}: not JSON`);
  return { ...(parsed.value as object), feature };
}

/** Whatever the key is called. */
const define = (traits: Record<string, TraitValue>, key: string, value: TraitValue) =>
  Object.defineProperty(traits, key, { value, enumerable: true, configurable: true, writable: true });

function toRow(cells: readonly string[], columns: readonly CsvColumn[], line: number): RawRow | JobProblem {
  const traits: Record<string, TraitValue> = {};
  const overrides: object[] = [];
  const row = { line, identifier: "" as unknown, traits, overrides, created: null as unknown, seen: null as unknown };
  if (cells.length > columns.length) return { line, message: `${cells.length} cells, but ${columns.length} columns` };
  for (const [at, column] of columns.entries()) {
    const text = cells[at] ?? "";
    if (text === "") continue;
    try {
      if (column.kind === "identifier") row.identifier = text.trim();
      else if (column.kind === "created") row.created = text;
      else if (column.kind === "seen") row.seen = text;
      else if (column.kind === "override") overrides.push(readOverride(column.feature, text));
      else define(traits, column.key, readCell(text, column.key, column.type));
    } catch (error) {
      if (error instanceof RowFault) return { line, identifier: String(row.identifier), message: error.message };
      throw error;
    }
  }
  return row;
}

/** Whole records; the file's first is its header. A record that cannot be read is a problem, and the next is read. */
export function* readCsv(
  text: string,
  firstLine: number,
  columns: readonly CsvColumn[],
): Generator<RawRow | JobProblem> {
  const problems: JobProblem[] = [];
  const records = parse(text, {
    ...OPTIONS,
    from: firstLine === 1 ? 2 : 1,
    skip_records_with_error: true,
    on_skip: (error) => {
      const lines = Number((error as { lines?: unknown } | undefined)?.lines ?? 1);
      problems.push({ line: firstLine + lines - 1, message: `Not CSV: ${error?.message ?? "unreadable"}` });
      return undefined;
    },
  }) as unknown as CsvRecord[];
  yield* problems;
  for (const { record, info } of records) yield toRow(record, columns, firstLine + info.lines - 1);
}
