import { MAX_INTEGER_DIGITS } from "./python-number.ts";
import { compareText } from "./text-order.ts";

/** A version by SemVer 2.0. Numbers stay text: they have no leading zeros, so longer is larger, at any size. */
export interface Version {
  readonly numbers: readonly [string, string, string];
  readonly prerelease: string | null;
  readonly build: string | null;
}

const NUMBER = "(0|[1-9][0-9]*)";
const PRERELEASE_PART = "(?:0|[1-9][0-9]*|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)";
const BUILD_PART = "[0-9a-zA-Z-]+";
const VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}` +
    `(?:-(${PRERELEASE_PART}(?:\\.${PRERELEASE_PART})*))?` +
    `(?:\\+(${BUILD_PART}(?:\\.${BUILD_PART})*))?$`,
);
const NUMERIC = /^[0-9]+$/;
const MAX_LENGTH = 10_000;

/** Strict: "1.2", "v1.2.3" and "01.2.3" are not versions and give null. */
export function parseVersion(text: string): Version | null {
  const match = text.length > MAX_LENGTH ? null : VERSION.exec(text);
  if (match === null) return null;
  const [, major = "", minor = "", patch = "", prerelease, build] = match;
  if (Math.max(major.length, minor.length, patch.length) > MAX_INTEGER_DIGITS) return null;
  return { numbers: [major, minor, patch], prerelease: prerelease ?? null, build: build ?? null };
}

/** SemVer precedence: negative, zero or positive. Build metadata does not count. */
export function compareVersions(left: Version, right: Version): number {
  for (const index of [0, 1, 2] as const) {
    const order = compareNumbers(left.numbers[index], right.numbers[index]);
    if (order !== 0) return order;
  }
  if (left.prerelease === right.prerelease) return 0;
  if (left.prerelease === null) return 1;
  if (right.prerelease === null) return -1;
  return comparePrereleases(left.prerelease.split("."), right.prerelease.split("."));
}

function comparePrereleases(left: readonly string[], right: readonly string[]): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareParts(left[index] ?? "", right[index] ?? "");
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareParts(left: string, right: string): number {
  const leftNumeric = NUMERIC.test(left);
  if (leftNumeric !== NUMERIC.test(right)) return leftNumeric ? -1 : 1;
  return leftNumeric ? compareNumbers(left, right) : compareText(left, right);
}

function compareNumbers(left: string, right: string): number {
  return left.length === right.length ? compareText(left, right) : left.length - right.length;
}
