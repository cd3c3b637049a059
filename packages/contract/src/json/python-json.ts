/**
 * Python 3.12's json module: what it accepts, what it says when it refuses, and where. Slower than JSON.parse, used for
 * refused texts and for those with numbers that JSON.parse would not keep. See parse-json.ts for the promise.
 */
import type { JsonResult } from "./parse-json.ts";
import { wholeFloat } from "./whole-float.ts";

/** Python refuses to turn a longer run of digits into an int, to stay out of quadratic time; so do we. */
const maxIntDigits = 4300;

class Refusal extends Error {}

interface Cursor {
  readonly text: string;
  at: number;
}

/** Parses JSON with at most `maxDepth` nested lists and objects. Never throws. */
export function parsePythonJson(text: string, maxDepth: number): JsonResult {
  const cursor: Cursor = { text, at: 0 };
  try {
    if (text.startsWith("\ufeff")) refuse("Unexpected UTF-8 BOM (decode using utf-8-sig)", text, 0);
    skipSpace(cursor);
    const value = readValue(cursor, maxDepth);
    skipSpace(cursor);
    if (cursor.at !== text.length) refuse("Extra data", text, cursor.at);
    return { ok: true, value };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, detail: error.message };
    throw error;
  }
}

/** Python counts code points from the line's start; `at` counts UTF-16 units from the text's. */
function refuse(message: string, text: string, at: number): never {
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  const column = codePoints(before.slice(lineStart)) + 1;
  throw new Refusal(`${message}: line ${line} column ${column} (char ${codePoints(before)})`);
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function skipSpace(cursor: Cursor): void {
  const { text } = cursor;
  for (;;) {
    const code = text.charCodeAt(cursor.at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
    cursor.at += 1;
  }
}

function readValue(cursor: Cursor, depthLeft: number): unknown {
  const { text, at } = cursor;
  switch (text[at]) {
    case '"':
      cursor.at = at + 1;
      return readString(cursor);
    case "{":
      enter(cursor, depthLeft);
      return readObject(cursor, depthLeft - 1);
    case "[":
      enter(cursor, depthLeft);
      return readList(cursor, depthLeft - 1);
    case "n":
      return readWord(cursor, "null", null);
    case "t":
      return readWord(cursor, "true", true);
    case "f":
      return readWord(cursor, "false", false);
    case "N":
      return refuseConstant(cursor, "NaN");
    case "I":
      return refuseConstant(cursor, "Infinity");
    default:
      if (text.startsWith("-Infinity", at)) return refuseConstant(cursor, "-Infinity");
      return readNumber(cursor);
  }
}

function enter(cursor: Cursor, depthLeft: number): void {
  if (depthLeft === 0) refuse("Too many nested lists and objects", cursor.text, cursor.at);
  cursor.at += 1;
}

function readWord<T>(cursor: Cursor, word: string, value: T): T {
  if (!cursor.text.startsWith(word, cursor.at)) refuse("Expecting value", cursor.text, cursor.at);
  cursor.at += word.length;
  return value;
}

function refuseConstant(cursor: Cursor, word: string): never {
  if (!cursor.text.startsWith(word, cursor.at)) refuse("Expecting value", cursor.text, cursor.at);
  throw new Refusal(`Out of range float values are not JSON compliant: '${word}'`);
}

function readList(cursor: Cursor, depthLeft: number): unknown[] {
  const { text } = cursor;
  const items: unknown[] = [];
  skipSpace(cursor);
  if (text[cursor.at] === "]") {
    cursor.at += 1;
    return items;
  }
  for (;;) {
    items.push(readValue(cursor, depthLeft));
    skipSpace(cursor);
    const next = text[cursor.at];
    if (next !== "]" && next !== ",") refuse("Expecting ',' delimiter", text, cursor.at);
    cursor.at += 1;
    if (next === "]") return items;
    skipSpace(cursor);
  }
}

function readObject(cursor: Cursor, depthLeft: number): Record<string, unknown> {
  const { text } = cursor;
  const object: Record<string, unknown> = {};
  skipSpace(cursor);
  if (text[cursor.at] === "}") {
    cursor.at += 1;
    return object;
  }
  for (;;) {
    if (text[cursor.at] !== '"') refuse("Expecting property name enclosed in double quotes", text, cursor.at);
    cursor.at += 1;
    const key = readString(cursor);
    skipSpace(cursor);
    if (text[cursor.at] !== ":") refuse("Expecting ':' delimiter", text, cursor.at);
    cursor.at += 1;
    skipSpace(cursor);
    put(object, key, readValue(cursor, depthLeft));
    skipSpace(cursor);
    const next = text[cursor.at];
    if (next !== "}" && next !== ",") refuse("Expecting ',' delimiter", text, cursor.at);
    cursor.at += 1;
    if (next === "}") return object;
    skipSpace(cursor);
  }
}

/** Plain assignment of "__proto__" would set the prototype instead of a key. */
function put(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== "__proto__") object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

const numberToken = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;

function readNumber(cursor: Cursor): unknown {
  numberToken.lastIndex = cursor.at;
  const match = numberToken.exec(cursor.text);
  if (match === null) refuse("Expecting value", cursor.text, cursor.at);
  cursor.at += match[0].length;
  const value = Number(match[0]);
  if (match[1] !== undefined || match[2] !== undefined) return Number.isInteger(value) ? wholeFloat(value) : value;
  return readInt(match[0], value);
}

function readInt(token: string, value: number): number | bigint {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  const digits = token.startsWith("-") ? token.length - 1 : token.length;
  if (digits <= maxIntDigits) return BigInt(token);
  throw new Refusal(
    `Exceeds the limit (${maxIntDigits} digits) for integer string conversion: ` +
      `value has ${digits} digits; use sys.set_int_max_str_digits() to increase the limit`,
  );
}

/** Reads up to and over the closing quote; the cursor stands behind the opening one. */
function readString(cursor: Cursor): string {
  const { text } = cursor;
  const begin = cursor.at - 1;
  let read = "";
  let start = cursor.at;
  for (let at = start; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      cursor.at = at + 1;
      return read + text.slice(start, at);
    }
    if (code <= 0x1f) refuse("Invalid control character at", text, at);
    if (at >= text.length) refuse("Unterminated string starting at", text, begin);
    if (code === 92) {
      read += text.slice(start, at);
      if (at + 1 === text.length) refuse("Unterminated string starting at", text, begin);
      const letter = text[at + 1] ?? "";
      read += letter === "u" ? readUnicodeEscape(text, at) : readPlainEscape(text, at, letter);
      at += letter === "u" ? 5 : 1;
      start = at + 1;
    }
  }
}

const plainEscapes: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

function readPlainEscape(text: string, at: number, letter: string): string {
  return plainEscapes.get(letter) ?? refuse("Invalid \\escape", text, at);
}

const fourHexDigits = /[0-9a-fA-F]{4}/y;

/** Half of a surrogate pair comes back as it is; the other half follows in the text and completes it. */
function readUnicodeEscape(text: string, at: number): string {
  fourHexDigits.lastIndex = at + 2;
  const match = fourHexDigits.exec(text);
  if (match === null || at + 6 >= text.length) refuse("Invalid \\uXXXX escape", text, at + 1);
  return String.fromCharCode(Number.parseInt(match[0], 16));
}
