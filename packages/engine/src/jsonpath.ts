import { isRecord, ownValue } from "./json.ts";
import { isWholeFloat } from "./operand.ts";

/** A parsed RFC 9535 query. */
export interface Path {
  readonly segments: readonly PathSegment[];
}

export interface PathSegment {
  /** `..`: the selectors apply to the node and to everything below it. */
  readonly descends: boolean;
  readonly selectors: readonly Selector[];
}

export type Selector =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "slice"; readonly start: number | null; readonly end: number | null; readonly step: number }
  | { readonly kind: "wildcard" }
  | { readonly kind: "filter"; readonly holds: (scope: Scope, current: unknown) => boolean };

/** What one query may see and spend. */
export interface Scope {
  readonly root: unknown;
  /** Nodes still to be looked at. A query that runs out finds nothing. */
  budget: number;
}

/** Returns true to stop the search. */
export type Visit = (value: unknown) => boolean;

const MAX_DEPTH = 100;
const MAX_NODES = 200_000;

/** Thrown inside this module only, when a query looks deeper or wider than it may. */
class LimitReached extends Error {}

/**
 * The value of the first node the path selects, in document order, or undefined. Total: a query that descends more
 * than 100 levels or looks at more than 200,000 nodes before its first result has none.
 */
export function findFirst(path: Path, root: unknown): unknown {
  let found: unknown;
  try {
    walk(path, 0, root, { root, budget: MAX_NODES }, (value) => {
      found = value;
      return true;
    });
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    return undefined;
  }
  return found;
}

/** Every node the path selects from `from`, in document order. For filters, which share the scope's budget. */
export function findAll(path: Path, from: unknown, scope: Scope): unknown[] {
  const found: unknown[] = [];
  walk(path, 0, from, scope, (value) => {
    found.push(value);
    return false;
  });
  return found;
}

function walk(path: Path, index: number, value: unknown, scope: Scope, visit: Visit): boolean {
  const segment = path.segments[index];
  if (segment === undefined) return visit(value);
  const next: Visit = (child) => walk(path, index + 1, child, scope, visit);
  return segment.descends ? descend(segment, value, scope, next, 1) : select(segment, value, scope, next);
}

function descend(segment: PathSegment, value: unknown, scope: Scope, next: Visit, depth: number): boolean {
  if (depth > MAX_DEPTH) throw new LimitReached();
  if (select(segment, value, scope, next)) return true;
  return eachChild(value, scope, (child) => isContainer(child) && descend(segment, child, scope, next, depth + 1));
}

function select(segment: PathSegment, value: unknown, scope: Scope, next: Visit): boolean {
  for (const selector of segment.selectors) {
    spend(scope);
    if (apply(selector, value, scope, next)) return true;
  }
  return false;
}

function apply(selector: Selector, value: unknown, scope: Scope, next: Visit): boolean {
  switch (selector.kind) {
    case "name":
      return isNode(value) && Object.hasOwn(value, selector.name) && next(ownValue(value, selector.name));
    case "index":
      return Array.isArray(value) && applyIndex(selector.index, value, next);
    case "slice":
      return Array.isArray(value) && applySlice(selector, value, scope, next);
    case "wildcard":
      return eachChild(value, scope, next);
    case "filter":
      return eachChild(value, scope, (child) => selector.holds(scope, child) && next(child));
  }
}

function applyIndex(index: number, list: readonly unknown[], next: Visit): boolean {
  const at = index < 0 ? list.length + index : index;
  return at >= 0 && at < list.length && next(list[at]);
}

function applySlice(slice: Selector & { kind: "slice" }, list: readonly unknown[], scope: Scope, next: Visit): boolean {
  const { step } = slice;
  if (step === 0) return false;
  const size = list.length;
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const bound = (position: number) => Math.min(Math.max(position < 0 ? position + size : position, low), high);
  const start = slice.start === null ? (step > 0 ? low : high) : bound(slice.start);
  const end = slice.end === null ? (step > 0 ? high : low) : bound(slice.end);
  for (let at = start; step > 0 ? at < end : at > end; at += step) {
    spend(scope);
    if (next(list[at])) return true;
  }
  return false;
}

function eachChild(value: unknown, scope: Scope, visit: Visit): boolean {
  if (Array.isArray(value)) {
    for (const item of value) {
      spend(scope);
      if (visit(item)) return true;
    }
  } else if (isNode(value)) {
    for (const name of Object.keys(value)) {
      spend(scope);
      if (visit(ownValue(value, name))) return true;
    }
  }
  return false;
}

/** An object of the context. A WholeFloat is a number in disguise and has no members. */
function isNode(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && !isWholeFloat(value);
}

function isContainer(value: unknown): boolean {
  return Array.isArray(value) || isNode(value);
}

function spend(scope: Scope): void {
  scope.budget -= 1;
  if (scope.budget < 0) throw new LimitReached();
}
