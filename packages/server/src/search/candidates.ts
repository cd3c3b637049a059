/**
 * Where to look: small sets of identities, from the index, that hold everybody who matches a query. Each is an over-estimate; the query's
 * condition is asked of every row all the same.
 */
import type { Query, QueryTerm, QueryValue } from "@burgee/contract/query";
import type { Reader } from "../db/reader.ts";
import type { Dialect } from "./dialect.ts";
import { isSayable, within } from "./filter.ts";
import { compose, type Fragment, fragment, join, never } from "./fragment.ts";
import { dayRange, rangeOf } from "./matcher.ts";

export interface IdRange {
  readonly above: number;
  readonly upTo: number;
}

export interface Candidates {
  /** A select of a column `id`; within the range where isOrdered says that it can be cut. */
  ids(range?: IdRange): Fragment;
  /** The index has them in the order of ids: a part of them costs no more than its share. */
  readonly isOrdered: boolean;
  /** A select of as many rows that is cheaper to count. */
  readonly counted?: Fragment;
}

export interface Place {
  readonly environmentId: number;
  readonly now: number;
  readonly dialect: Dialect;
  readonly features: ReadonlyMap<string, number>;
  readonly keys: TraitKeys;
}

export interface TraitKey {
  readonly id: number;
  readonly key: string;
  readonly type: string;
  readonly count: number;
}

/** By name; one for every type. */
export type TraitKeys = ReadonlyMap<string, readonly TraitKey[]>;

/** Of the traits that the query names, all types. */
export async function readTraitKeys(
  reader: Reader,
  environmentId: number,
  names: readonly string[],
): Promise<TraitKeys> {
  if (names.length === 0) return new Map();
  const rows = await reader.all<TraitKey>(
    `select id, key, type, count from trait_keys where environment_id = ? and key in (${names.map(() => "?").join(", ")})`,
    [environmentId, ...names],
  );
  return Map.groupBy(rows, (row) => row.key);
}

/** Every way there is; the caller takes the smallest. None where only looking at everybody helps. */
export function candidatesFor(query: Query, place: Place): Candidates[] {
  switch (query.kind) {
    case "and":
      return query.parts.flatMap((part) => candidatesFor(part, place));
    case "or": {
      // All parts have to have one, or somebody would be missed. The first will do: which is the smallest is not known here.
      const parts = query.parts.map((part) => candidatesFor(part, place)[0]);
      if (parts.some((part) => part === undefined)) return [];
      return [union(parts.flatMap((part) => part ?? []))];
    }
    case "all":
    case "not":
    case "segment":
      return [];
    default: {
      const found = isSayable(query, place.dialect) ? termCandidates(query, place) : nobody;
      return found ? [found] : [];
    }
  }
}

const nobody: Candidates = { ids: () => fragment("select 0 as id where false"), isOrdered: true };

function union(parts: readonly Candidates[]): Candidates {
  const [only = nobody] = parts;
  if (parts.length <= 1) return only;
  return {
    ids: (range) =>
      join(
        parts.map((part) => part.ids(range)),
        " union all ",
      ),
    isOrdered: parts.every((part) => part.isOrdered),
  };
}

/** In an order of its own. */
const unordered = (ids: Fragment): Candidates => ({ ids: () => ids, isOrdered: false });

function ordered(ids: Fragment, column: string): Candidates {
  return {
    ids: (range) =>
      range ? compose`${ids} and ${fragment(`${column} > ? and ${column} <= ?`, range.above, range.upTo)}` : ids,
    isOrdered: true,
  };
}

type SqlTerm = Exclude<QueryTerm, { kind: "segment" }>;

function termCandidates(term: SqlTerm, place: Place): Candidates | undefined {
  switch (term.kind) {
    case "identifier":
      return identifierCandidates(term, place);
    case "trait":
      return term.is ? valueCandidates(term.key, term.values, place) : keyCandidates(term.key, place);
    case "trait-text":
      return term.match.mode === "prefix"
        ? textRange(term.key, ">=", cut(term.match.text), place, `${cut(term.match.text)}\u{10ffff}`)
        : keyCandidates(term.key, place, "string");
    case "trait-order":
      return typeof term.value === "string"
        ? textRange(term.key, term.comparison.startsWith(">") ? ">=" : "<=", cut(term.value), place)
        : one(entriesOf(term.key, "number", place), fragment(`value ${term.comparison} ?`, term.value));
    case "has":
      return keyCandidates(term.key, place);
    case "override":
      return overrideCandidates(term.feature === null ? null : (place.features.get(term.feature) ?? 0), place);
    case "created":
      return identities(place, within("i.created_at", rangeOf(term.comparison, term.time, place.now)), "created_at");
    default:
      return identities(
        place,
        within("i.last_seen_day", dayRange(term.comparison, term.time, place.now)),
        "last_seen_day",
      );
  }
}

/** As much of a text as the index holds. */
const cut = (text: string): string => [...text].slice(0, 256).join("");

function identities(place: Place, condition: Fragment, by: "identifier" | "last_seen_day" | "created_at"): Candidates {
  const from = fragment(
    `select i.id from ${place.dialect.identitiesBy(by)} where i.environment_id = ?`,
    place.environmentId,
  );
  return unordered(compose`${from} and ${condition}`);
}

function identifierCandidates(
  { match: { mode, text } }: Extract<QueryTerm, { kind: "identifier" }>,
  place: Place,
): Candidates | undefined {
  if (mode === "exact") return identities(place, fragment("i.identifier = ?", text), "identifier");
  if (mode === "prefix") {
    const condition = fragment("i.identifier >= ? and i.identifier < ?", text, `${text}\u{10ffff}`);
    return identities(place, condition, "identifier");
  }
  const containing = place.dialect.containing(place.environmentId, text);
  if (!containing) return undefined;
  return containing.orderedBy === undefined ? unordered(containing.ids) : ordered(containing.ids, containing.orderedBy);
}

interface Entries {
  readonly table: "trait_texts" | "trait_numbers";
  /** Entries of one key and type; no id: the index has none. */
  readonly where: Fragment | undefined;
}

function entriesOf(key: string, type: string, place: Place): Entries {
  const found = place.keys.get(key)?.find((candidate) => candidate.type === type);
  return {
    table: type === "string" ? "trait_texts" : "trait_numbers",
    where: found && fragment("environment_id = ? and key_id = ?", place.environmentId, found.id),
  };
}

const select = ({ table, where = never }: Entries, condition: Fragment): Fragment =>
  compose`select identity_id as id from ${fragment(table)} where ${where} and ${condition}`;

const one = (entries: Entries, condition: Fragment): Candidates => unordered(select(entries, condition));

/** The entries of one value are in the order of ids. */
const equal = (entries: Entries, value: string | number): Candidates =>
  ordered(select(entries, fragment("value = ?", value)), "identity_id");

function valueCandidates(key: string, values: readonly QueryValue[], place: Place): Candidates {
  const sayable = values.filter((value) => typeof value !== "string" || place.dialect.isStorable(value));
  return union(
    sayable.map((value) =>
      typeof value === "string"
        ? equal(entriesOf(key, "string", place), cut(value))
        : equal(entriesOf(key, typeof value, place), Number(value)),
    ),
  );
}

function textRange(key: string, comparison: string, text: string, place: Place, end?: string): Candidates {
  const bounds = [fragment(`value ${comparison} ?`, text), ...(end === undefined ? [] : [fragment("value < ?", end)])];
  return one(entriesOf(key, "string", place), join(bounds, " and "));
}

function keyCandidates(key: string, place: Place, type?: string): Candidates {
  const found = (place.keys.get(key) ?? []).filter((candidate) => type === undefined || candidate.type === type);
  return union(found.map((candidate) => one(entriesOf(key, candidate.type, place), fragment("true"))));
}

function overrideCandidates(feature: number | null, { environmentId, dialect }: Place): Candidates {
  const from = `select i.id from ${dialect.overridesWithIdentities} where o.environment_id = ?`;
  const counted = "select feature_id as id from identity_overrides where environment_id = ?";
  return feature === null
    ? { ...unordered(fragment(from, environmentId)), counted: fragment(counted, environmentId) }
    : {
        ...unordered(fragment(`${from} and o.feature_id = ?`, environmentId, feature)),
        counted: fragment(`${counted} and feature_id = ?`, environmentId, feature),
      };
}

/** How many there are, as far as `limit`. */
export async function countCandidates(reader: Reader, candidates: Candidates, limit: number): Promise<number> {
  const { sql, parameters } = candidates.counted ?? candidates.ids();
  const rows = await reader.all<{ count: number }>(
    `select count(*) as count from (select id from (${sql}) as c limit ?) as s`,
    [...parameters, limit],
  );
  return rows[0]?.count ?? 0;
}
