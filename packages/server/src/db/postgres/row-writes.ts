/**
 * Writes of one text, each about one row, as one statement about many rows. The parts are found in the text, so that stores write the
 * same SQL for every database; a text of another form is undefined here, and runs by itself.
 */
import type { SqlValue } from "../database.ts";
import { arrayText } from "./array-text.ts";
import type { Statement } from "./pipeline.ts";
import { numberPlaceholders } from "./placeholders.ts";

export interface RowWrite {
  /** Which row a call is about. Two calls about one row must not share a statement. */
  keyOf(parameters: readonly SqlValue[]): string;
  /** Answers the columns of the key first, then what the text returns. */
  together(calls: readonly (readonly SqlValue[])[], types: readonly string[]): Statement;
  readonly keyColumns: number;
}

/** Names of types by column. */
export type ColumnTypes = (table: string) => ReadonlyMap<string, string>;

interface Parts {
  readonly table: string;
  readonly keys: readonly string[];
  /** Of the key, among the parameters, from 0. */
  readonly keyPlaces: readonly number[];
  /** What comes after `WITH burgee_call AS (…)`. */
  readonly statement: string;
  readonly returning: string;
  /** Where they differ from what a value's own type says; by the parameter's number, from 1. */
  readonly types: ReadonlyMap<number, string>;
}

const upsertForm =
  /^INSERT INTO (\w+) \(([\w, ]+)\) VALUES \(([?\w, ]+)\) ON CONFLICT \(([\w, ]+)\) DO UPDATE SET (.+) RETURNING ([\w, ]+)$/s;
const updateForm = /^UPDATE (\w+) SET (.+?) WHERE (\w+ = \?(?: AND \w+ = \?)*)(.*?)(?: RETURNING ([\w, ]+))?$/s;

const list = (text = ""): string[] => text.split(",").map((item) => item.trim());
const countPlaceholders = (text: string): number => numberPlaceholders(text).match(/\$\d+/g)?.length ?? 0;

/** One text for the values of a key. */
export function rowKey(values: readonly unknown[]): string {
  let key = "";
  for (const value of values) key += `${value}\u0000`;
  return key;
}

export function readRowWrite(sql: string, columnTypes: ColumnTypes): RowWrite | undefined {
  const parts = readUpsert(sql, columnTypes) ?? readUpdate(sql);
  if (!parts) return undefined;
  const { table, keys, keyPlaces, statement, types: known } = parts;
  const returned = [...keys.map((key) => `${table}.${key} AS "key ${key}"`), ...list(parts.returning).filter(Boolean)];
  const texts = new Map<string, string>();
  const write = (types: readonly string[]): string => {
    const arrays = types.map((type, at) => `$${at + 1}::${known.get(at + 1) ?? type}[]`);
    const names = types.map((_, at) => `p${at + 1}`);
    const calls = `SELECT * FROM unnest(${arrays.join(", ")}) AS burgee_list(${names.join(", ")})`;
    return `WITH burgee_call AS MATERIALIZED (${calls}) ${statement} RETURNING ${returned.join(", ")}`;
  };
  const keyOf = (parameters: readonly SqlValue[]) => rowKey(keyPlaces.map((place) => parameters[place]));
  return {
    keyColumns: keys.length,
    keyOf,
    together: (calls, types) => {
      const id = types.join();
      const text = texts.get(id) ?? write(types);
      texts.set(id, text);
      return { text, values: types.map((_, at) => arrayText(calls.map((parameters) => parameters[at] ?? null))) };
    },
  };
}

/** Each number of a placeholder from `first` on, in its place in `text`. */
function fill(text: string, first: number, show: (number: number) => string): string {
  return numberPlaceholders(text).replace(/'(?:[^']|'')*'|\$(\d+)/g, (part, number: string | undefined) =>
    number === undefined ? part : show(first + Number(number) - 1),
  );
}

function readUpsert(sql: string, columnTypes: ColumnTypes): Parts | undefined {
  const [, table, columnList, valueList, keyList, update = "", returning = ""] = upsertForm.exec(sql) ?? [];
  if (table === undefined) return undefined;
  const columns = list(columnList);
  const keys = list(keyList);
  let count = 0;
  const sources = list(valueList).map((value) => (value === "?" ? `p${++count}` : value));
  const keySources = keys.map((key) => sources[columns.indexOf(key)] ?? "");
  if (sources.length !== columns.length || !keySources.every((source) => /^p\d+$/.test(source))) return undefined;
  const isThis = keys.map((key, at) => `${keySources[at]} = excluded.${key}`).join(" AND ");
  const set = fill(update, count + 1, (number) => `(SELECT p${number} FROM burgee_call WHERE ${isThis})`);
  const tableTypes = columnTypes(table);
  const types = columns.flatMap((column, at): [number, string][] => {
    const number = Number(/^p(\d+)$/.exec(sources[at] ?? "")?.[1]);
    const type = tableTypes.get(column);
    return Number.isNaN(number) || type === undefined ? [] : [[number, type]];
  });
  return {
    table,
    keys,
    keyPlaces: keySources.map((source) => Number(source.slice(1)) - 1),
    statement: `INSERT INTO ${table} (${columns.join(", ")}) SELECT ${sources.join(", ")} FROM burgee_call ORDER BY ${keySources.join(", ")}
      ON CONFLICT (${keys.join(", ")}) DO UPDATE SET ${set}`,
    returning,
    types: new Map(types),
  };
}

/** Equal values for the conditions that come first make the row; others may follow. */
function readUpdate(sql: string): Parts | undefined {
  const [, table, set = "", same = "", further = "", returning = ""] = updateForm.exec(sql) ?? [];
  if (table === undefined) return undefined;
  const keys = [...same.matchAll(/(\w+) = \?/g)].map(([, key = ""]) => key);
  const before = countPlaceholders(set);
  const source = (number: number) => `burgee_call.p${number}`;
  const condition = keys.map((key, at) => `${table}.${key} = ${source(before + at + 1)}`).join(" AND ");
  return {
    table,
    keys,
    keyPlaces: keys.map((_, at) => before + at),
    statement: `UPDATE ${table} SET ${fill(set, 1, source)} FROM burgee_call WHERE ${condition}${fill(further, before + keys.length + 1, source)}`,
    returning,
    types: new Map(),
  };
}
