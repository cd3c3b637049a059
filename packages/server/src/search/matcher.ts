/**
 * Whether an identity matches a query, asked of the identity itself: the meaning of every condition. What SQL does for speed must
 * agree with this; the tests compare.
 */
import type { Query, QueryTerm, QueryTime, TextMatch } from "@burgee/contract/query";
import type { TraitValue } from "@burgee/engine";

export interface Subject {
  readonly id: number;
  readonly identifier: string;
  readonly traits: Readonly<Record<string, TraitValue>>;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Whole days since 1970. */
  readonly lastSeenDay: number;
  /** Features it has overrides of; only looked at where the query asks. */
  readonly overrides: ReadonlySet<number>;
}

export interface MatcherContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** By the names that the query uses; a name that is missing matches nobody. */
  readonly features: ReadonlyMap<string, number>;
  /** Whether the subject is in the segment that the query names so. */
  readonly isInSegment: (segment: string | number, subject: Subject) => boolean;
}

export const DAY_MS = 86_400_000;
const UNIT_MS = { h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS } as const;

export function matches(query: Query, subject: Subject, context: MatcherContext): boolean {
  switch (query.kind) {
    case "all":
      return true;
    case "and":
      return query.parts.every((part) => matches(part, subject, context));
    case "or":
      return query.parts.some((part) => matches(part, subject, context));
    case "not":
      return !matches(query.part, subject, context);
    default:
      return holds(query, subject, context);
  }
}

function holds(term: QueryTerm, subject: Subject, context: MatcherContext): boolean {
  switch (term.kind) {
    case "identifier":
      return textMatches(term.match, subject.identifier);
    case "trait": {
      const value = traitOf(subject, term.key);
      return value !== undefined && term.values.includes(value) === term.is;
    }
    case "trait-text": {
      const value = traitOf(subject, term.key);
      return typeof value === "string" && textMatches(term.match, value);
    }
    case "trait-order":
      return isOrdered(traitOf(subject, term.key), term.comparison, term.value);
    case "has":
      return traitOf(subject, term.key) !== undefined;
    case "override": {
      if (term.feature === null) return subject.overrides.size > 0;
      const feature = context.features.get(term.feature);
      return feature !== undefined && subject.overrides.has(feature);
    }
    case "segment":
      return context.isInSegment(term.segment, subject);
    case "created":
      return isWithin(subject.createdAt, rangeOf(term.comparison, term.time, context.now));
    default:
      return isWithin(subject.lastSeenDay, dayRange(term.comparison, term.time, context.now));
  }
}

/** A whole float is the number it stands for. */
function traitOf({ traits }: Subject, key: string): string | number | boolean | undefined {
  const value = Object.hasOwn(traits, key) ? traits[key] : undefined;
  if (typeof value === "object") return value?.float;
  return value ?? undefined;
}

/** A to Z only, as databases do it. */
const lower = (text: string): string => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

function textMatches({ mode, text }: TextMatch, value: string): boolean {
  if (mode === "exact") return value === text;
  if (mode === "prefix") return value.startsWith(text);
  return mode === "suffix" ? value.endsWith(text) : lower(value).includes(lower(text));
}

function isOrdered(value: unknown, comparison: string, bound: string | number): boolean {
  if (typeof value !== typeof bound) return false;
  const order = typeof bound === "number" ? Number(value) - bound : byCodePoint(String(value), bound);
  if (comparison === "<") return order < 0;
  if (comparison === ">") return order > 0;
  return comparison === "<=" ? order <= 0 : order >= 0;
}

/** As UTF-8 bytes sort. */
export const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** From `low` up to, not including, `high`. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

const isWithin = (value: number, { low, high }: Range): boolean => value >= low && value < high;

/** Milliseconds since 1970 for which the comparison holds. */
export function rangeOf(comparison: "<" | "<=" | ">" | ">=", time: QueryTime, now: number): Range {
  if ("age" in time) {
    const then = now - time.age * UNIT_MS[time.unit];
    // Younger than an age is later than its moment.
    if (comparison === "<") return from(then + 1);
    if (comparison === "<=") return from(then);
    return until(comparison === ">" ? then : then + 1);
  }
  const start = Date.parse("day" in time ? `${time.day}T00:00:00Z` : time.moment);
  const end = "day" in time ? start + DAY_MS : start + 1;
  if (comparison === "<") return until(start);
  if (comparison === "<=") return until(end);
  return from(comparison === ">" ? end : start);
}

/** Days since 1970 for which the comparison holds: `last_seen<30d` is today and the 29 days before it. */
export function dayRange(comparison: "<" | "<=" | ">" | ">=", time: QueryTime, now: number): Range {
  const day = (millis: number) => Math.floor(millis / DAY_MS);
  if ("age" in time) {
    const then = day(now) - Math.ceil((time.age * UNIT_MS[time.unit]) / DAY_MS);
    if (comparison === "<") return from(then + 1);
    if (comparison === "<=") return from(then);
    return until(comparison === ">" ? then : then + 1);
  }
  const at = day(Date.parse("day" in time ? `${time.day}T00:00:00Z` : time.moment));
  if (comparison === "<") return until(at);
  if (comparison === "<=") return until(at + 1);
  return from(comparison === ">" ? at + 1 : at);
}

const from = (low: number): Range => ({ low, high: Number.MAX_SAFE_INTEGER });
const until = (high: number): Range => ({ low: Number.MIN_SAFE_INTEGER, high });
