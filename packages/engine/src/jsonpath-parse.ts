import type { Path, PathSegment, Selector } from "./jsonpath.ts";
import { readFilter } from "./jsonpath-filter.ts";
import { PathError, type Reader, readString, SPACE, skip, take } from "./jsonpath-scan.ts";

/**
 * What a text that starts with "$." means: a query; "syntax", not a query at all (so a trait may have that name);
 * or "invalid", a query that breaks a rule of types or ranges (the reference engine fails on it).
 */
export type Parsed = Path | "syntax" | "invalid";

const MAX_LENGTH = 2000;
const MAX_NESTING = 32;
const MAX_INDEX = Number.MAX_SAFE_INTEGER;

const NAME = /[a-zA-Z_\u0080-\uffff][a-zA-Z0-9_\u0080-\uffff-]*/uy;
const INDEX = /-?[0-9]+/y;
const LEADING_ZERO = /^(?:0.|-0)/;

/** Parses a query of RFC 9535. Total; queries over 2,000 characters count as "syntax". */
export function parsePath(text: string): Parsed {
  if (text.length > MAX_LENGTH) return "syntax";
  const reader: Reader = { text, at: 1, nesting: 0 };
  try {
    const segments = readSegments(reader);
    // White space may stand between segments, but not at the end.
    return text.startsWith("$") && reader.at === text.length ? { segments } : "syntax";
  } catch (error) {
    if (error instanceof PathError) return error.kind;
    throw error;
  }
}

/** The segments from here on, up to what cannot start one. White space after the last is left unread. */
function readSegments(reader: Reader): readonly PathSegment[] {
  const segments: PathSegment[] = [];
  for (;;) {
    const before = reader.at;
    const segment = readSegment(reader);
    if (segment === null) {
      reader.at = before;
      return segments;
    }
    segments.push(segment);
  }
}

function readSegment(reader: Reader): PathSegment | null {
  skip(reader, SPACE);
  if (reader.text.startsWith("..", reader.at)) {
    reader.at += 2;
    return {
      descends: true,
      selectors: reader.text[reader.at] === "[" ? readBracket(reader) : [readShorthand(reader)],
    };
  }
  if (take(reader, ".")) return { descends: false, selectors: [readShorthand(reader)] };
  return reader.text[reader.at] === "[" ? { descends: false, selectors: readBracket(reader) } : null;
}

function readShorthand(reader: Reader): Selector {
  if (take(reader, "*")) return { kind: "wildcard" };
  const name = skip(reader, NAME);
  if (name === "") throw new PathError("syntax");
  return { kind: "name", name };
}

function readBracket(reader: Reader): readonly Selector[] {
  reader.nesting += 1;
  if (reader.nesting > MAX_NESTING) throw new PathError("invalid");
  const selectors: Selector[] = [];
  do {
    reader.at += 1;
    skip(reader, SPACE);
    selectors.push(readSelector(reader));
    skip(reader, SPACE);
  } while (reader.text[reader.at] === ",");
  if (!take(reader, "]")) throw new PathError("syntax");
  reader.nesting -= 1;
  return selectors;
}

function readSelector(reader: Reader): Selector {
  if (take(reader, "*")) return { kind: "wildcard" };
  if (take(reader, "?")) return { kind: "filter", holds: readFilter(reader, readSegments) };
  const name = readString(reader);
  return name === null ? readIndexOrSlice(reader) : { kind: "name", name };
}

function readIndexOrSlice(reader: Reader): Selector {
  const start = readIndex(reader);
  skip(reader, SPACE);
  if (!take(reader, ":")) {
    if (start === null) throw new PathError("syntax");
    return { kind: "index", index: start };
  }
  skip(reader, SPACE);
  const end = readIndex(reader);
  skip(reader, SPACE);
  if (!take(reader, ":")) return { kind: "slice", start, end, step: 1 };
  skip(reader, SPACE);
  return { kind: "slice", start, end, step: readIndex(reader) ?? 1 };
}

function readIndex(reader: Reader): number | null {
  const digits = skip(reader, INDEX);
  if (digits === "") return null;
  if (LEADING_ZERO.test(digits)) throw new PathError("syntax");
  const index = Number(digits);
  if (Math.abs(index) > MAX_INDEX) throw new PathError("invalid");
  return index;
}
