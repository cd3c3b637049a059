/**
 * Numbers as Python reads and writes them. The reference engine is Python, and its `int()`, `float()` and `str()`
 * decide which conditions hold and which text is hashed.
 */

/** Python refuses to turn more digits than this into an integer, or back (sys.int_max_str_digits). */
export const MAX_INTEGER_DIGITS = 4300;

/** A whole number of any size: a number while it is exact, a bigint beyond. */
export type Integer = number | bigint;

const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*";
const DIGITS = "[0-9]+(?:_[0-9]+)*";
const INTEGER = new RegExp(`^${SPACE}([+-]?)(${DIGITS})${SPACE}$`);
const DECIMAL = new RegExp(
  `^${SPACE}([+-]?(?:${DIGITS}(?:\\.(?:${DIGITS})?)?|\\.${DIGITS})(?:[eE][+-]?${DIGITS})?)${SPACE}$`,
);
const NAMED = new RegExp(`^${SPACE}([+-]?)(inf|infinity|nan)${SPACE}$`, "i");
const OTHER_DIGIT = /\p{Nd}/u;
const OTHER_DIGITS = /(?![0-9])\p{Nd}/gu;

/** `int(text)`: null where Python raises ValueError. Spaces, a sign and single underscores are allowed. */
export function parseInteger(text: string): Integer | null {
  const match = INTEGER.exec(asciiDigits(text));
  if (match === null) return null;
  const digits = (match[2] ?? "").replaceAll("_", "");
  if (digits.length > MAX_INTEGER_DIGITS) return null;
  return integerOf(match[1] === "-" ? `-${digits}` : digits);
}

/** `float(text)`: null where Python raises ValueError; "nan", "inf" and "1_000.5" are numbers. */
export function parseFloating(text: string): number | null {
  const ascii = asciiDigits(text);
  const match = DECIMAL.exec(ascii);
  if (match !== null) return Number((match[1] ?? "").replaceAll("_", ""));
  const named = NAMED.exec(ascii);
  if (named === null) return null;
  if (named[2]?.toLowerCase() === "nan") return Number.NaN;
  return named[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** An optional minus and ASCII digits, already checked, to the number they spell. */
export function integerOf(digits: string): Integer {
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value + 0 : BigInt(digits);
}

/** `str(float)`: the shortest digits that read back, always with a point or an exponent ("2.0", "1e+16", "1e-05"). */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${mantissa}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  return plainText(mantissa.replace("-", "").replace(".", ""), exponent, value < 0 ? "-" : "");
}

function plainText(digits: string, exponent: number, sign: string): string {
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

/** Python accepts the decimal digits of every script. They come in runs of ten, each starting with its zero. */
function asciiDigits(text: string): string {
  return text.replace(OTHER_DIGITS, (digit) => {
    let below = digit.codePointAt(0) ?? 0;
    const start = below;
    while (OTHER_DIGIT.test(String.fromCodePoint(below - 1))) below -= 1;
    return String((start - below) % 10);
  });
}
