import { floatText, integerOf, MAX_INTEGER_DIGITS } from "./python-number.ts";
import { quoted } from "./python-text.ts";

/** Where the reader stands. */
interface Cursor {
  readonly text: string;
  at: number;
}

/** Reads one value and gives its Python text, or null where the JSON is broken. `nested` asks for repr, not str. */
type Read = (cursor: Cursor, depth: number, nested: boolean) => string | null;

const MAX_DEPTH = 200;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const WORD = /true|false|null|NaN|-?Infinity/y;
const WORD_TEXTS: Readonly<Record<string, string>> = {
  true: "True",
  false: "False",
  null: "None",
  NaN: "nan",
  Infinity: "inf",
  "-Infinity": "-inf",
};

/**
 * `[str(item) for item in json.loads(text)]` of Python for a text that starts with "[": null where it is not JSON.
 * Not JSON.parse, because the elements are compared as text: 1.0 must stay "1.0" and a 30-digit integer itself, and
 * Python reads NaN and Infinity.
 */
export function parsePythonList(text: string): readonly string[] | null {
  const cursor: Cursor = { text, at: 0 };
  const items = readItems(cursor, 0, false);
  skip(cursor, SPACE);
  return cursor.at === text.length ? items : null;
}

/** The elements of the list that starts here, each as text. */
function readItems(cursor: Cursor, depth: number, nested: boolean): readonly string[] | null {
  if (depth >= MAX_DEPTH || !take(cursor, "[")) return null;
  if (take(cursor, "]")) return [];
  const items: string[] = [];
  do {
    const item = readValue(cursor, depth + 1, nested);
    if (item === null) return null;
    items.push(item);
  } while (take(cursor, ","));
  return take(cursor, "]") ? items : null;
}

const readValue: Read = (cursor, depth, nested) => {
  skip(cursor, SPACE);
  const first = cursor.text[cursor.at];
  if (first === "[") {
    const items = readItems(cursor, depth, true);
    return items && `[${items.join(", ")}]`;
  }
  if (first === "{") return readMembers(cursor, depth);
  if (first === '"') {
    const text = readString(cursor);
    return text !== null && nested ? quoted(text) : text;
  }
  const word = skip(cursor, WORD);
  return word === null ? readNumber(cursor) : (WORD_TEXTS[word] ?? null);
};

function readMembers(cursor: Cursor, depth: number): string | null {
  if (depth >= MAX_DEPTH || !take(cursor, "{")) return null;
  if (take(cursor, "}")) return "{}";
  const members = new Map<string, string>();
  do {
    skip(cursor, SPACE);
    const name = readString(cursor);
    const value = name === null || !take(cursor, ":") ? null : readValue(cursor, depth + 1, true);
    if (name === null || value === null) return null;
    members.set(name, value);
  } while (take(cursor, ","));
  if (!take(cursor, "}")) return null;
  return `{${Array.from(members, ([name, value]) => `${quoted(name)}: ${value}`).join(", ")}}`;
}

function readString(cursor: Cursor): string | null {
  const literal = skip(cursor, STRING);
  return literal === null ? null : (JSON.parse(literal) as string);
}

function readNumber(cursor: Cursor): string | null {
  NUMBER.lastIndex = cursor.at;
  const match = NUMBER.exec(cursor.text);
  if (match === null) return null;
  cursor.at = NUMBER.lastIndex;
  const [literal, fraction, exponent] = match;
  if (fraction !== undefined || exponent !== undefined) return floatText(Number(literal));
  return literal.length > MAX_INTEGER_DIGITS ? null : integerOf(literal).toString();
}

/** Skips what a sticky pattern matches here and gives it, or null. */
function skip(cursor: Cursor, pattern: RegExp): string | null {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.text);
  if (match === null) return null;
  cursor.at = pattern.lastIndex;
  return match[0];
}

/** Skips white space and then, if it is there, one punctuation mark. */
function take(cursor: Cursor, mark: string): boolean {
  skip(cursor, SPACE);
  if (cursor.text[cursor.at] !== mark) return false;
  cursor.at += 1;
  return true;
}
