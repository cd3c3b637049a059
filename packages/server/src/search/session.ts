/** One request's view of the database: how its query is asked, and whether the index can be relied on. */
import type { Query } from "@burgee/contract/query";
import type { SqlValue } from "../db/database.ts";
import type { Reader } from "../db/reader.ts";
import {
  type Candidates,
  candidatesFor,
  countCandidates,
  type IdRange,
  readTraitKeys,
  type TraitKeys,
} from "./candidates.ts";
import type { Dialect } from "./dialect.ts";
import { type Filter, filterOf } from "./filter.ts";
import { compose, type Fragment, fragment } from "./fragment.ts";
import { impliedBy } from "./implied.ts";
import { matches } from "./matcher.ts";
import { type IdentityRow, matcherContext, subjectOf } from "./read-rows.ts";
import { type ResolvedQuery, termsOf } from "./wanted.ts";

export interface Session {
  readonly environmentId: number;
  readonly dialect: Dialect;
  readonly filter: Filter;
  /** What is read of each identity (alias i). */
  readonly columns: Fragment;
  all<Row>(query: Fragment): Promise<Row[]>;
  /** What SQL could not say. */
  isMatch(row: IdentityRow): boolean;
  /** The smallest set to look at; undefined where the index is of no help, or is behind. */
  smallest(limit: number): Promise<Sized | undefined>;
  /** A select of a column `id`: those that the index does not have as they are. */
  readonly changed: Fragment;
  /** Identities (alias i) of the environment among these candidates, and those that the index does not have as they are. */
  among(candidates: Candidates, range?: IdRange): Fragment;
  /**
   * Whether what was found so far can be relied on. Candidates know traits by the numbers that keys had when `smallest` was asked; of a key
   * that is new to the index since, they know nothing, and what it brought there is not beside the index any more.
   */
  knewAllKeys(): Promise<boolean>;
}

export interface Sized {
  readonly candidates: Candidates;
  /** At most the limit that was asked for. */
  readonly count: number;
}

/** With more identities than this changed and not followed yet, everybody is looked at instead. */
const mostChanges = 2_000;

export interface SessionOptions {
  /** false: everybody is looked at. */
  readonly usesIndex?: boolean;
}

export function openSession(
  reader: Reader,
  dialect: Dialect,
  resolved: ResolvedQuery,
  { usesIndex = true }: SessionOptions = {},
): Session {
  const { environment, query, now } = resolved;
  const features = new Map(resolved.features);
  const implied = withImplied(query, resolved);
  const filter = filterOf(query, { dialect, now, features, segmentFilter: (name) => impliedFilter(name, resolved) });
  const context = filter.isExact ? undefined : matcherContext(resolved);
  const needsOverrides = !filter.isExact && termsOf(query).some(({ kind }) => kind === "override");
  const all = <Row>({ sql, parameters }: Fragment) => reader.all<Row>(sql, parameters as SqlValue[]);
  const columns = "i.id, i.identifier, i.traits, i.created_at, i.last_seen_day, i.has_overrides";
  const changed = fragment("select identity_id as id from identity_changes where environment_id = ?", environment.id);
  let known: TraitKeys | undefined;

  return {
    environmentId: environment.id,
    dialect,
    filter,
    changed,
    columns: fragment(needsOverrides ? `${columns}, ${dialect.features} as features` : columns),
    all,
    isMatch: (row) => context === undefined || matches(query, subjectOf(row), context),
    smallest: async (limit) => {
      if (!usesIndex || !(await isFollowed(reader, environment.id))) return undefined;
      const keys = await readKeys();
      known = keys;
      const place = { environmentId: environment.id, now, dialect, features, keys };
      let best: Sized | undefined;
      for (const candidates of candidatesFor(implied, place)) {
        const count = await countCandidates(reader, candidates, best ? best.count : limit);
        // Of those that are all too many to count, one in the order of ids.
        const isOrderlier = best && best.count >= limit && !best.candidates.isOrdered && candidates.isOrdered;
        const isBetter = !best || count < best.count || isOrderlier;
        if (isBetter) best = { candidates, count };
      }
      return best;
    },
    among: (candidates, range) => {
      const isInside = range && !candidates.isOrdered ? compose` and ${inRange("c.id", range)}` : fragment("");
      return compose`${dialect.identitiesOf(compose`(${idsOf(candidates, range)})`, environment.id)}${isInside}`;
    },
    // Keys only come, or go with their environment.
    knewAllKeys: async () => known === undefined || countKeys(known) === countKeys(await readKeys()),
  };

  function readKeys(): Promise<TraitKeys> {
    const names = termsOf(implied).flatMap((term) => ("key" in term ? [term.key] : []));
    const storable = [...new Set(names)].filter((name) => dialect.isStorable(name));
    return readTraitKeys(reader, environment.id, storable);
  }

  function idsOf(candidates: Candidates, range?: IdRange): Fragment {
    const beside = range ? compose`${changed} and ${inRange("identity_id", range)}` : changed;
    return compose`select id from (${candidates.ids(candidates.isOrdered ? range : undefined)}) as found union ${beside}`;
  }

  /** Only who may be in has to be read and asked about. */
  function impliedFilter(name: string | number, { segments }: ResolvedQuery): Query {
    const named = segments.find((segment) => segment.name === name);
    return named ? impliedBy(named.segments) : { kind: "all" };
  }
}

/** One of a key for every type that its values had. */
const countKeys = (keys: TraitKeys): number => [...keys.values()].reduce((sum, types) => sum + types.length, 0);

export const inRange = (column: string, { above, upTo }: IdRange): Fragment =>
  fragment(`${column} > ? and ${column} <= ?`, above, upTo);

/** Segments that have to hold, as what they imply. */
function withImplied(query: Query, resolved: ResolvedQuery): Query {
  if (query.kind === "segment") {
    return impliedBy(resolved.segments.find(({ name }) => name === query.segment)?.segments ?? []);
  }
  if (query.kind !== "and" && query.kind !== "or") return query;
  return { kind: query.kind, parts: query.parts.map((part) => withImplied(part, resolved)) };
}

/** Whether the index has all but a few of the environment's identities. Those few are looked at beside it. */
async function isFollowed(reader: Reader, environmentId: number): Promise<boolean> {
  const rows = await reader.all<{ filling: number; changed: number }>(
    `select (select count(*) from identity_fill where environment_id = ?) as filling,
      (select count(*) from (select 1 from identity_changes limit ?) as c) as changed`,
    [environmentId, mostChanges + 1],
  );
  return rows[0]?.filling === 0 && rows[0].changed <= mostChanges;
}
