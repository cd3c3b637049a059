/** A query as a condition on identities (alias i). */
import type { Query, QueryTerm } from "@burgee/contract/query";
import type { Dialect } from "./dialect.ts";
import { always, compose, type Fragment, fragment, join, never } from "./fragment.ts";
import { dayRange, rangeOf } from "./matcher.ts";

export interface Filter {
  /** Holds for everybody who matches. */
  readonly condition: Fragment;
  /** And for nobody else. Segments are beyond SQL. */
  readonly isExact: boolean;
}

export interface FilterContext {
  readonly dialect: Dialect;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly features: ReadonlyMap<string, number>;
  /** What holds for everybody in the segment. */
  readonly segmentFilter: (segment: string | number) => Query;
}

export function filterOf(query: Query, context: FilterContext): Filter {
  switch (query.kind) {
    case "all":
      return { condition: always, isExact: true };
    case "and":
    case "or": {
      const parts = query.parts.map((part) => filterOf(part, context));
      const condition = compose`(${join(
        parts.map((part) => part.condition),
        query.kind === "and" ? " and " : " or ",
      )})`;
      return { condition, isExact: parts.every((part) => part.isExact) };
    }
    case "not": {
      const { condition, isExact } = filterOf(query.part, context);
      // The opposite of a condition that holds for too many holds for too few.
      return isExact ? { condition: compose`not (${condition})`, isExact } : { condition: always, isExact };
    }
    case "segment":
      return { condition: filterOf(context.segmentFilter(query.segment), context).condition, isExact: false };
    default:
      return { condition: isSayable(query, context.dialect) ? termCondition(query, context) : never, isExact: true };
  }
}

type SqlTerm = Exclude<QueryTerm, { kind: "segment" }>;

function termCondition(term: SqlTerm, { dialect, now, features }: FilterContext): Fragment {
  switch (term.kind) {
    case "identifier":
      return dialect.identifierMatches(term.match);
    case "trait": {
      const sayable = term.values.filter((value) => typeof value !== "string" || dialect.isStorable(value));
      const some = sayable.map((value) => dialect.traitIs(term.key, value));
      const isOne = some.length === 0 ? never : compose`(${join(some, " or ")})`;
      return term.is ? isOne : compose`(${dialect.hasTrait(term.key)} and not ${isOne})`;
    }
    case "trait-text":
      return dialect.traitMatches(term.key, term.match);
    case "trait-order":
      return dialect.traitIsOrdered(term.key, term.comparison, term.value);
    case "has":
      return dialect.hasTrait(term.key);
    case "override":
      return overrideCondition(term.feature === null ? null : (features.get(term.feature) ?? 0));
    case "created":
      return within("i.created_at", rangeOf(term.comparison, term.time, now));
    default:
      return within("i.last_seen_day", dayRange(term.comparison, term.time, now));
  }
}

function overrideCondition(feature: number | null): Fragment {
  const of =
    "select 1 from identity_overrides as o where o.environment_id = i.environment_id and o.identifier = i.identifier and o.is_expired = 0";
  return feature === null
    ? fragment(`(i.has_overrides = 1 and exists (${of}))`)
    : fragment(`(i.has_overrides = 1 and exists (${of} and o.feature_id = ?))`, feature);
}

export function within(column: string, { low, high }: { readonly low: number; readonly high: number }): Fragment {
  const parts = [
    ...(low > Number.MIN_SAFE_INTEGER ? [fragment(`${column} >= ?`, low)] : []),
    ...(high < Number.MAX_SAFE_INTEGER ? [fragment(`${column} < ?`, high)] : []),
  ];
  return compose`(${join(parts, " and ")})`;
}

/** What could not be stored is held by nobody. */
export function isSayable(term: QueryTerm, dialect: Dialect): boolean {
  const texts = [
    "key" in term ? term.key : "",
    "match" in term ? term.match.text : "",
    "value" in term && typeof term.value === "string" ? term.value : "",
  ];
  return texts.every((text) => dialect.isStorable(text));
}
