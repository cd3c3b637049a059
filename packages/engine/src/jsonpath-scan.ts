/** Where a JSONPath parser stands. */
export interface Reader {
  readonly text: string;
  at: number;
  /** Brackets and parentheses open here; bounded, so that no text can exhaust the stack. */
  nesting: number;
}

/** Thrown and caught inside the parser: not a query at all, or a query that breaks a rule of types or ranges. */
export class PathError extends Error {
  readonly kind: "syntax" | "invalid";
  constructor(kind: "syntax" | "invalid") {
    super(kind);
    this.kind = kind;
  }
}

export const SPACE = /[ \n\r\t]*/y;

const ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", "/": "/", "\\": "\\" };
const HEX = /u([0-9a-fA-F]{4})/y;

/** A quoted string, decoded, or null if none starts here. */
export function readString(reader: Reader): string | null {
  const quote = reader.text[reader.at];
  if (quote !== "'" && quote !== '"') return null;
  reader.at += 1;
  let value = "";
  for (;;) {
    const character = reader.text[reader.at] ?? "";
    // A control character must be escaped, and an escape may not spell one as \u0000 either.
    if (character < " ") throw new PathError("syntax");
    reader.at += 1;
    if (character === quote) return value;
    value += character === "\\" ? readEscape(reader, quote) : character;
  }
}

function readEscape(reader: Reader, quote: string): string {
  const letter = reader.text[reader.at] ?? "";
  if (letter === "u") return readUnicode(reader);
  const character = letter === quote ? quote : ESCAPES[letter];
  if (character === undefined) throw new PathError("syntax");
  reader.at += 1;
  return character;
}

function readUnicode(reader: Reader): string {
  const unit = readHex(reader);
  if (unit < 0x20 || isLow(unit)) throw new PathError("syntax");
  if (unit < 0xd800 || unit > 0xdbff) return String.fromCharCode(unit);
  if (!take(reader, "\\")) throw new PathError("syntax");
  const low = readHex(reader);
  if (!isLow(low)) throw new PathError("syntax");
  return String.fromCharCode(unit, low);
}

function readHex(reader: Reader): number {
  const digits = skip(reader, HEX);
  if (digits === "") throw new PathError("syntax");
  return Number.parseInt(digits.slice(1), 16);
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Moves past what a sticky pattern matches here, and gives it; "" if nothing. */
export function skip(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  const match = pattern.exec(reader.text);
  if (match === null) return "";
  reader.at += match[0].length;
  return match[0];
}

/** Moves past `mark` if it stands here. */
export function take(reader: Reader, mark: string): boolean {
  if (!reader.text.startsWith(mark, reader.at)) return false;
  reader.at += mark.length;
  return true;
}
