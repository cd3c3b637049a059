import { floatText } from "./python-number.ts";

/** Beyond this depth, or this many values, the rest is written as "...": even what is no tree comes to an end. */
const MAX_DEPTH = 32;
const MAX_VALUES = 10_000;
const UNPRINTABLE = /[\p{C}\p{Z}]/u;
const NAMED_ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * `str(value)` of Python for any JSON value: True, None, 2.0, ['a', 1], {'k': None}.
 * A whole number is taken for an integer, unless it is so large that JSON writers spell it with an exponent.
 */
export function pythonText(value: unknown): string {
  return typeof value === "string" ? value : pythonRepr(value, { depth: 0, left: MAX_VALUES });
}

interface Budget {
  depth: number;
  left: number;
}

function pythonRepr(value: unknown, budget: Budget): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "boolean":
      return value ? "True" : "False";
    case "number":
      return isInteger(value) ? BigInt(value).toString() : floatText(value);
    case "bigint":
      return value.toString();
    case "object":
      return value === null ? "None" : compoundText(value, budget);
    default:
      return "None";
  }
}

/** Whether a JSON number stands for a Python int: JSON itself keeps no difference between 2 and 2.0. */
export function isInteger(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 1e21;
}

function compoundText(value: object, budget: Budget): string {
  budget.left -= 1;
  if (budget.depth >= MAX_DEPTH || budget.left < 0) return "...";
  budget.depth += 1;
  const text = Array.isArray(value) ? listText(value, budget) : recordText(value, budget);
  budget.depth -= 1;
  return text;
}

function listText(list: readonly unknown[], budget: Budget): string {
  return `[${list.map((item) => pythonRepr(item, budget)).join(", ")}]`;
}

function recordText(record: object, budget: Budget): string {
  const members = Object.entries(record).map(([name, member]) => `${quoted(name)}: ${pythonRepr(member, budget)}`);
  return `{${members.join(", ")}}`;
}

/** `repr(text)` of Python. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const character of text) out += character === quote ? `\\${quote}` : escaped(character);
  return out + quote;
}

function escaped(character: string): string {
  const named = NAMED_ESCAPES[character];
  if (named !== undefined) return named;
  if (character === " " || !UNPRINTABLE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, "0");
}
