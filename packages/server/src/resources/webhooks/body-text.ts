/**
 * JSON to the letter as Flagsmith writes what it signs (Python's json.dumps with sorted keys): ", " and ": " between parts, nothing but
 * ASCII, floats with their fraction.
 */
import { isWholeFloat } from "@burgee/contract";
import { writeTraitValue } from "@burgee/contract/sdk";

const beyondAscii = /[\u007f-\uffff]/g;

const quoted = (text: string): string =>
  JSON.stringify(text).replace(beyondAscii, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** By code point, as Python sorts. */
function compareKeys(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let at = 0; at < left.length && at < right.length; at += 1) {
    const difference = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

export function bodyText(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (isWholeFloat(value)) return writeTraitValue(value);
  if (Array.isArray(value)) return `[${value.map(bodyText).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => compareKeys(a, b));
    return `{${members.map(([key, member]) => `${quoted(key)}: ${bodyText(member)}`).join(", ")}}`;
  }
  return JSON.stringify(value) ?? "null";
}
