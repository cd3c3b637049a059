import { RE2JS } from "re2js";
import { isRecord, ownValue } from "./json.ts";
import { findAll, type Path, type PathSegment, type Scope } from "./jsonpath.ts";
import { PathError, type Reader, readString, SPACE, skip, take } from "./jsonpath-scan.ts";
import { isWholeFloat } from "./operand.ts";
import { compareText } from "./text-order.ts";

/** The filter language of RFC 9535: `?@.a > 1 && length(@.b) == 2`. Parsed once into closures. */
type Holds = (scope: Scope, current: unknown) => boolean;
type Nodes = (scope: Scope, current: unknown) => readonly unknown[];

/** One side of a comparison, an argument, or a test of its own. */
type Term =
  | { readonly kind: "literal"; readonly value: unknown }
  | { readonly kind: "query"; readonly singular: boolean; readonly bare: boolean; readonly nodes: Nodes }
  | { readonly kind: "value"; readonly call: (scope: Scope, current: unknown) => unknown }
  | { readonly kind: "logical"; readonly call: Holds };

/** How to read the segments after `@` or `$`: the path parser's own function, handed in to keep imports one-way. */
type ReadSegments = (reader: Reader) => readonly PathSegment[];

const NOTHING: unique symbol = Symbol("nothing");
const MAX_NESTING = 32;
const MAX_DEPTH = 100;
const MAX_PATTERN = 2000;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const CALL = /[a-z][a-z_0-9]*\(/y;
const WORD = /true|false|null/y;
const COMPARISON = /==|!=|<=|>=|<|>/y;
const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

/** Reads the expression after `?`. Throws PathError, which the path parser turns into its answer. */
export function readFilter(reader: Reader, readSegments: ReadSegments): Holds {
  return readOr(reader, readSegments);
}

function readOr(reader: Reader, readSegments: ReadSegments): Holds {
  const parts = [readAnd(reader, readSegments)];
  while (takeMark(reader, "||")) parts.push(readAnd(reader, readSegments));
  const [only] = parts;
  return parts.length === 1 && only ? only : (scope, current) => parts.some((part) => part(scope, current));
}

function readAnd(reader: Reader, readSegments: ReadSegments): Holds {
  const parts = [readBasic(reader, readSegments)];
  while (takeMark(reader, "&&")) parts.push(readBasic(reader, readSegments));
  const [only] = parts;
  return parts.length === 1 && only ? only : (scope, current) => parts.every((part) => part(scope, current));
}

function readBasic(reader: Reader, readSegments: ReadSegments): Holds {
  skip(reader, SPACE);
  const negated = reader.text[reader.at] === "!" && take(reader, "!");
  const holds = takeMark(reader, "(") ? readGroup(reader, readSegments) : readComparison(reader, readSegments, negated);
  return negated ? (scope, current) => !holds(scope, current) : holds;
}

function readGroup(reader: Reader, readSegments: ReadSegments): Holds {
  enter(reader);
  const holds = readOr(reader, readSegments);
  if (!takeMark(reader, ")")) throw new PathError("syntax");
  reader.nesting -= 1;
  return holds;
}

function readComparison(reader: Reader, readSegments: ReadSegments, negated: boolean): Holds {
  const left = readTerm(reader, readSegments);
  skip(reader, SPACE);
  const operator = skip(reader, COMPARISON);
  if (operator === "") return testOf(left);
  if (negated) throw new PathError("syntax");
  const right = readTerm(reader, readSegments);
  const [a, b] = [readerOf(left), readerOf(right)];
  return (scope, current) => compare(a(scope, current), operator, b(scope, current));
}

function readTerm(reader: Reader, readSegments: ReadSegments): Term {
  skip(reader, SPACE);
  const text = readString(reader);
  if (text !== null) return { kind: "literal", value: text };
  const first = reader.text[reader.at];
  if (first === "@" || first === "$") return readQuery(reader, readSegments, first === "@");
  const number = skip(reader, NUMBER);
  if (number !== "") return { kind: "literal", value: Number(number) };
  const call = skip(reader, CALL);
  if (call !== "") return readCall(reader, readSegments, call.slice(0, -1));
  const word = skip(reader, WORD);
  if (word === "") throw new PathError("syntax");
  return { kind: "literal", value: WORDS[word] };
}

function readQuery(reader: Reader, readSegments: ReadSegments, relative: boolean): Term {
  reader.at += 1;
  const path: Path = { segments: readSegments(reader) };
  const singular = path.segments.every((segment) => !segment.descends && isSingular(segment));
  const nodes: Nodes = (scope, current) => findAll(path, relative ? current : scope.root, scope);
  return { kind: "query", singular, bare: relative && path.segments.length === 0, nodes };
}

function isSingular(segment: PathSegment): boolean {
  const kind = segment.selectors[0]?.kind;
  return segment.selectors.length === 1 && (kind === "name" || kind === "index");
}

function readCall(reader: Reader, readSegments: ReadSegments, name: string): Term {
  enter(reader);
  const terms: Term[] = [];
  if (!takeMark(reader, ")")) {
    do terms.push(readTerm(reader, readSegments));
    while (takeMark(reader, ","));
    if (!takeMark(reader, ")")) throw new PathError("syntax");
  }
  reader.nesting -= 1;
  return callOf(name, terms);
}

/** The five functions of the RFC. A wrong name, number or type of arguments makes the query invalid. */
function callOf(name: string, terms: readonly Term[]): Term {
  const [first, second] = terms;
  if (first === undefined || terms.length !== (name === "match" || name === "search" ? 2 : 1)) {
    throw new PathError("invalid");
  }
  if (name === "count" || name === "value") return nodesCall(name, first);
  const subject = readerOf(first);
  if (name === "length") return { kind: "value", call: (scope, current) => lengthOf(subject(scope, current)) };
  if ((name !== "match" && name !== "search") || second === undefined) throw new PathError("invalid");
  const pattern = readerOf(second);
  const call: Holds = (scope, current) => matches(subject(scope, current), pattern(scope, current), name === "match");
  return { kind: "logical", call };
}

function nodesCall(name: "count" | "value", term: Term): Term {
  if (term.kind !== "query") throw new PathError("invalid");
  const { nodes } = term;
  if (name === "count") return { kind: "value", call: (scope, current) => nodes(scope, current).length };
  return { kind: "value", call: (scope, current) => onlyOf(nodes(scope, current)) };
}

function readerOf(term: Term): (scope: Scope, current: unknown) => unknown {
  switch (term.kind) {
    case "literal":
      return () => term.value;
    case "value":
      return term.call;
    case "query":
      if (!term.singular) throw new PathError("invalid");
      return (scope, current) => onlyOf(term.nodes(scope, current));
    case "logical":
      throw new PathError("invalid");
  }
}

/** A term on its own: a query asks whether anything is there. */
function testOf(term: Term): Holds {
  switch (term.kind) {
    case "literal":
      throw new PathError("syntax");
    case "value":
      throw new PathError("invalid");
    case "logical":
      return term.call;
    case "query":
      // A bare `@` on a scalar is the scalar's truth in the reference implementation, not its existence.
      if (term.bare) return (_, current) => current !== "" && current !== 0 && current !== false;
      return (scope, current) => term.nodes(scope, current).length > 0;
  }
}

function onlyOf(nodes: readonly unknown[]): unknown {
  const [value] = nodes;
  if (nodes.length !== 1) return NOTHING;
  return isWholeFloat(value) ? value.float : value;
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  switch (operator) {
    case "==":
      return equal(left, right, 0);
    case "!=":
      return !equal(left, right, 0);
    case "<":
      return less(left, right);
    case ">":
      return less(right, left);
    case "<=":
      return less(left, right) || equal(left, right, 0);
    default:
      return less(right, left) || equal(left, right, 0);
  }
}

function equal(left: unknown, right: unknown, depth: number): boolean {
  if (left === right) return true;
  if (depth > MAX_DEPTH) return false;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => equal(item, right[index], depth + 1));
  }
  if (!isRecord(left) || !isRecord(right)) return false;
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && equal(ownValue(left, name), ownValue(right, name), depth + 1))
  );
}

function less(left: unknown, right: unknown): boolean {
  if (typeof left === "string" && typeof right === "string") return compareText(left, right) < 0;
  return isNumeric(left) && isNumeric(right) && Number(left) < Number(right);
}

/** Booleans have an order among the numbers in Python. */
function isNumeric(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean";
}

function lengthOf(value: unknown): unknown {
  if (typeof value === "string") return Array.from(value).length;
  if (Array.isArray(value)) return value.length;
  return isRecord(value) ? Object.keys(value).length : NOTHING;
}

function matches(subject: unknown, pattern: unknown, whole: boolean): boolean {
  if (typeof subject !== "string" || typeof pattern !== "string" || pattern.length > MAX_PATTERN) return false;
  const dotted = pattern.replace(/\\.|\[(?:\\.|[^\]\\])*\]|\./gs, (part) => (part === "." ? "[^\\n\\r]" : part));
  try {
    return RE2JS.compile(whole ? `\\A(?:${dotted})\\z` : dotted).test(subject);
  } catch {
    return false;
  }
}

function enter(reader: Reader): void {
  reader.nesting += 1;
  if (reader.nesting > MAX_NESTING) throw new PathError("invalid");
}

/** Skips white space and then `mark`, if it is there. */
function takeMark(reader: Reader, mark: string): boolean {
  skip(reader, SPACE);
  return take(reader, mark);
}
