/**
 * Values as Python writes them. Flagsmith's server is Python, and its `str()` and `repr()` show on the wire: numbers sent
 * as identifiers, lists sent as trait values, and the hash that names an anonymous identity.
 */
import { isWholeFloat } from "../json/whole-float.ts";

/** `float.__repr__`: the shortest digits that read back the same, "1.0" for one, exponents from 1e+16 and 1e-05 on. */
export function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const [mantissa = "", exponentText = ""] = Math.abs(value).toExponential().split("e");
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const power = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${power}`;
  }
  return sign + placePoint(mantissa.replace(".", ""), exponent);
}

function placePoint(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${whole}.${digits.slice(exponent + 1) || "0"}`;
}

/**
 * `str(value)` for a value that came from {@link parseJson}: strings as they are, everything else as
 * {@link pythonRepr} writes it.
 */
export function pythonText(value: unknown): string {
  return typeof value === "string" ? value : pythonRepr(value);
}

/**
 * `repr(value)` for a value that came from {@link parseJson}. Dictionary keys that look like array indexes come first,
 * in ascending order, because that is how a JavaScript object keeps them; all others in the order they were sent.
 */
export function pythonRepr(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "boolean":
      return value ? "True" : "False";
    case "bigint":
      return String(value);
    case "number":
      return Number.isSafeInteger(value) ? String(value) : pythonFloat(value);
    default:
      return reprOfObject(value);
  }
}

function reprOfObject(value: unknown): string {
  if (typeof value !== "object" || value === null) return "None";
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(", ")}]`;
  if (isWholeFloat(value)) return pythonFloat(value.float);
  const entries = Object.entries(value).map(([key, item]) => `${quote(key)}: ${pythonRepr(item)}`);
  return `{${entries.join(", ")}}`;
}

const needsEscape = /[\\'"\p{C}\p{Z}]/u;
const unprintable = /[\\\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** Python quotes with ' unless the text has a ' and no ". Characters that do not print become \xNN, \uNNNN or \UNNNNNNNN. */
function quote(text: string): string {
  if (!needsEscape.test(text)) return `'${text}'`;
  const escaped = text.replace(unprintable, escapeCharacter);
  if (!text.includes("'")) return `'${escaped}'`;
  return text.includes('"') ? `'${escaped.replaceAll("'", "\\'")}'` : `"${escaped}"`;
}

const shortEscapes: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\r", "\\r"],
]);

function escapeCharacter(character: string): string {
  const short = shortEscapes.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}

/** `type(value).__name__` for a value that came from {@link parseJson}, as Django REST names it in messages. */
export function pythonTypeName(value: unknown): "str" | "int" | "float" | "bool" | "list" | "dict" | "NoneType" {
  switch (typeof value) {
    case "string":
      return "str";
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return Number.isSafeInteger(value) ? "int" : "float";
    default:
      if (typeof value !== "object" || value === null) return "NoneType";
      if (isWholeFloat(value)) return "float";
      return Array.isArray(value) ? "list" : "dict";
  }
}

/** What `str.strip()` and `str.isspace()` take for white space: unlike JavaScript, 0x1c-0x1f and 0x85, and not U+FEFF. */
export function isPythonSpace(code: number): boolean {
  if (code <= 32) return code === 32 || (code >= 9 && code <= 13) || (code >= 28 && code <= 31);
  if (code < 0x1680) return code === 0x85 || code === 0xa0;
  if (code < 0x2000) return code === 0x1680;
  return code <= 0x200a || code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f || code === 0x3000;
}

/** `str.strip()`. */
export function pythonStrip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isPythonSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isPythonSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** `len(text)`: code points, where a JavaScript string counts UTF-16 units. */
export function pythonLength(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    const isHigh = (text.charCodeAt(at) & 0xfc00) === 0xd800;
    if (isHigh && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) {
      length -= 1;
      at += 1;
    }
  }
  return length;
}
