import { bucket } from "./bucketing.ts";
import { BROKEN, type Operand, operandText } from "./operand.ts";
import { parsePythonList } from "./python-list.ts";
import { parseFloating, parseInteger } from "./python-number.ts";
import { compilePattern } from "./python-regex.ts";
import { pythonText } from "./python-text.ts";
import { compareVersions, parseVersion } from "./semver.ts";
import { compareText } from "./text-order.ts";

/** Whether a condition holds for what was looked up. */
export type Test = (operand: Operand) => boolean;

/** A condition's value as given (undefined: missing), and its text. */
interface Value {
  readonly given: unknown;
  readonly text: string;
}

interface Operator {
  /** Rough price: conditions of a group are tried cheapest first, which changes no outcome. */
  readonly cost: number;
  readonly compile: (value: Value, segmentKey: string) => Test;
}

const never: Test = () => false;

/** Every operator there is. One not listed here never holds. */
const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["IS_SET", { cost: 0, compile: () => (operand) => operand !== null && operand !== BROKEN }],
  ["IS_NOT_SET", { cost: 0, compile: () => (operand) => operand === null }],
  ["EQUAL", { cost: 1, compile: comparison((order) => order === 0) }],
  ["NOT_EQUAL", { cost: 1, compile: comparison((order) => order !== 0) }],
  ["GREATER_THAN", { cost: 1, compile: comparison((order) => order > 0) }],
  ["GREATER_THAN_INCLUSIVE", { cost: 1, compile: comparison((order) => order >= 0) }],
  ["LESS_THAN", { cost: 1, compile: comparison((order) => order < 0) }],
  ["LESS_THAN_INCLUSIVE", { cost: 1, compile: comparison((order) => order <= 0) }],
  ["MODULO", { cost: 2, compile: modulo }],
  ["IN", { cost: 2, compile: isIn }],
  ["CONTAINS", { cost: 3, compile: contains }],
  ["NOT_CONTAINS", { cost: 3, compile: notContains }],
  ["PERCENTAGE_SPLIT", { cost: 4, compile: split }],
  ["REGEX", { cost: 5, compile: regex }],
]);

const DEAREST = 9;

/** Compiles one condition's operator and value; `segmentKey` is what splits hash. Total, whatever the value is. */
export function compileTest(operator: unknown, value: unknown, segmentKey: string): Test {
  const found = typeof operator === "string" ? OPERATORS.get(operator) : undefined;
  return found?.compile({ given: value, text: pythonText(value) }, segmentKey) ?? never;
}

export function operatorCost(operator: unknown): number {
  return (typeof operator === "string" ? OPERATORS.get(operator)?.cost : undefined) ?? DEAREST;
}

/**
 * Casts the value to the operand's type and compares. A value that cannot be cast makes the condition false,
 * NOT_EQUAL included. `holds` gets NaN where Python's floats have no order.
 */
function comparison(holds: (order: number) => boolean): Operator["compile"] {
  return (value) => {
    if (value.given === undefined) return never;
    const { text } = value;
    const truth = value.given === "False" || value.given === "false" ? 0 : 1;
    const written = numberOfGiven(value.given);
    const integer = written === null ? parseInteger(text) : Math.trunc(written);
    const float = written ?? parseFloating(text);
    const testText = textComparison(value, holds);
    return (operand) => {
      switch (typeof operand) {
        case "string":
          return testText(operand);
        case "number":
        case "bigint":
          return integer !== null && holds(orderOf(operand, integer));
        case "boolean":
          return holds(Number(operand) - truth);
        case "object":
          return operand !== null && float !== null && holds(orderOf(operand.float, float));
        default:
          return false;
      }
    };
  };
}

/** Python casts a value that came as no text as well: true to 1, and for a whole number 1.5 to 1. */
function numberOfGiven(given: unknown): number | null {
  return typeof given === "boolean" || (typeof given === "number" && Number.isFinite(given)) ? Number(given) : null;
}

function orderOf(left: number | bigint, right: number | bigint): number {
  if (left < right) return -1;
  if (left > right) return 1;
  return Number.isNaN(left) || Number.isNaN(right) ? Number.NaN : 0;
}

function textComparison({ given, text }: Value, holds: (order: number) => boolean): (operand: string) => boolean {
  if (!isSliceable(given)) return never;
  const semver = versionText(text);
  if (semver === null) {
    // Equality needs no order, and is most of what segments ask.
    if (holds(0) && !holds(1) && !holds(-1)) return (operand) => operand === text;
    return (operand) => holds(compareText(operand, text));
  }
  const version = parseVersion(semver);
  if (version === null) return never;
  return (operand) => {
    const own = parseVersion(operand);
    return own !== null && holds(compareVersions(own, version));
  };
}

/** Python looks for ":semver" at the end of the value, and fails on a number, a boolean or an object. */
function isSliceable(given: unknown): boolean {
  return typeof given === "string" || given === null || Array.isArray(given);
}

/** What stands before a final ":semver", or null. */
function versionText(text: string): string | null {
  return text.endsWith(":semver") ? text.slice(0, -7) : null;
}

/** Text only: a trait that reads as a number is one, and neither contains nor lacks anything. */
function contains({ given, text }: Value): Test {
  if (!isSliceable(given)) return never;
  const semver = versionText(text);
  if (semver === null) return (operand) => typeof operand === "string" && operand.includes(text);
  // A version "contains" exactly its prerelease and its build, since Python iterates over its parts.
  return (operand) => {
    const version = typeof operand === "string" ? parseVersion(operand) : null;
    return version !== null && (version.prerelease === semver || version.build === semver);
  };
}

function notContains({ given, text }: Value): Test {
  if (given === undefined) return never;
  return (operand) => typeof operand === "string" && !operand.includes(text);
}

function regex({ given, text }: Value): Test {
  if (given === undefined) return never;
  const matches = compilePattern(text);
  return (operand) => operand !== null && operand !== BROKEN && matches(operandText(operand));
}

/** "divisor|remainder". The remainder takes the divisor's sign, as in Python; a divisor of 0 never holds. */
function modulo({ given, text }: Value): Test {
  const parts = typeof given === "string" ? text.split("|") : [];
  const divisor = parseFloating(parts[0] ?? "");
  const remainder = parseFloating(parts[1] ?? "");
  if (parts.length !== 2 || divisor === null || remainder === null || divisor === 0) return never;
  return (operand) => {
    const value = numberOf(operand);
    return value !== null && flooredModulo(value, divisor) === remainder;
  };
}

/** Numbers, with true and false for 1 and 0; null for anything else and for integers beyond a double. */
function numberOf(operand: Operand): number | null {
  switch (typeof operand) {
    case "number":
    case "boolean":
      return Number(operand);
    case "bigint":
      return Number.isFinite(Number(operand)) ? Number(operand) : null;
    case "object":
      return operand?.float ?? null;
    default:
      return null;
  }
}

function flooredModulo(value: number, divisor: number): number {
  const rest = value % divisor;
  return rest !== 0 && rest < 0 !== divisor < 0 ? rest + divisor : rest;
}

/** Text and integers are looked up as text; floats and booleans are never in a list. */
function isIn({ given, text }: Value): Test {
  const items = itemsOf(given, text);
  if (items === null) return never;
  const set: ReadonlySet<string> = new Set(items);
  return (operand) => {
    switch (typeof operand) {
      case "string":
        return set.has(operand);
      case "number":
      case "bigint":
        return set.has(operand.toString());
      default:
        return false;
    }
  };
}

/** A list, or text that is a JSON list, or else text split at every comma with nothing trimmed. */
function itemsOf(given: unknown, text: string): readonly string[] | null {
  if (Array.isArray(given)) return given.map(pythonText);
  if (typeof given !== "string") return null;
  return (text.startsWith("[") ? parsePythonList(text) : null) ?? text.split(",");
}

/** Whether the subject's hash with the segment is at most the value. Inclusive: 0 still lets in a hash of 0. */
function split({ given, text }: Value, segmentKey: string): Test {
  const threshold = thresholdOf(given, text);
  if (threshold === null || !(threshold >= 0)) return never;
  if (threshold >= 100) return (operand) => operand !== null && operand !== BROKEN;
  const prefix = `${segmentKey},`;
  return (operand) => operand !== null && operand !== BROKEN && bucket(prefix, operandText(operand)) <= threshold;
}

/** The share of a PERCENTAGE_SPLIT in percent, or null if it is not a number. */
export function thresholdOf(given: unknown, text = pythonText(given)): number | null {
  return given === undefined || given === null ? null : (numberOfGiven(given) ?? parseFloating(text));
}
