/**
 * Finding identities: pages for people, everybody for jobs. What a query means is in matcher.ts; docs/adr/0008-identity-search.md tells how
 * it is answered.
 */
import { sql } from "kysely";
import type { Db } from "../db/database.ts";
import { matches } from "./matcher.ts";
import { type IdentityRow, matcherContext, subjectOf } from "./read-rows.ts";
import { type ResolvedQuery, resolveQuery, type Wanted } from "./wanted.ts";

export interface SearchDeps {
  readonly db: Db;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface ScannedIdentity {
  readonly id: number;
  readonly identifier: string;
  /** JSON object, as stored. */
  readonly traits: string;
  /** 0 or 1. */
  readonly has_overrides: number;
}

export interface Scan {
  /** In the order of their ids. */
  readonly identities: readonly ScannedIdentity[];
  /** Everything up to here was looked at: the next `afterId`. null = there is nobody left. May be set after a short or empty list. */
  readonly nextId: number | null;
}

export interface ScanWanted extends Wanted {
  /** 0 = from the beginning. */
  readonly afterId: number;
  /** At most 10,000. */
  readonly limit: number;
}

export interface Progress {
  readonly matched: number;
  readonly lookedAt: number;
}

export interface CountWanted extends Wanted {
  /** Called now and then. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the count, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Estimate {
  readonly count: number;
  /** Identities of the environment. */
  readonly total: number;
  readonly percent: number;
  /** Percentage points to either side, for 95 of 100 estimates; 0 = everybody was looked at. */
  readonly margin: number;
  /** Some of those that match. */
  readonly sample: readonly ScannedIdentity[];
}

/**
 * All reject with AppError "invalid" (body {q, position, length}) where the query is none or names what is not there, and with
 * "not_found" where there is no such environment.
 */
export interface Search {
  /** For jobs: those who match, a few at a time, as they are at that moment. */
  scanMatching(wanted: ScanWanted): Promise<Scan>;
  /** Exact, if nobody writes meanwhile. */
  countMatching(wanted: CountWanted): Promise<number>;
  /** From a sample, within 2 percentage points. */
  estimateMatching(wanted: Wanted): Promise<Estimate>;
  close(): Promise<void>;
}

/** Identities looked at for one step of a scan. */
const STEP = 2_000;
const SAMPLE = 10_000;

export function createSearch({ db, now }: SearchDeps): Search {
  const resolve = (wanted: Wanted) => resolveQuery(db.kysely, wanted, now());

  async function step(resolved: ResolvedQuery, afterId: number, limit: number): Promise<Scan & { lookedAt: number }> {
    const rows = await readRows(db, resolved.environment.id, afterId);
    const context = matcherContext(resolved);
    const identities: ScannedIdentity[] = [];
    for (const row of rows) {
      if (identities.length === limit) return { identities, nextId: identities.at(-1)?.id ?? afterId, lookedAt: 0 };
      if (matches(resolved.query, subjectOf(row), context)) identities.push(row);
    }
    return { identities, nextId: rows.length < STEP ? null : (rows.at(-1)?.id ?? null), lookedAt: rows.length };
  }

  return {
    scanMatching: async (wanted) => {
      const { identities, nextId } = await step(await resolve(wanted), wanted.afterId, wanted.limit);
      return { identities, nextId };
    },
    countMatching: async (wanted) => {
      const resolved = await resolve(wanted);
      const progress = { matched: 0, lookedAt: 0 };
      for (let afterId: number | null = 0; afterId !== null; ) {
        wanted.signal?.throwIfAborted();
        const found: Scan & { lookedAt: number } = await step(resolved, afterId, Number.POSITIVE_INFINITY);
        progress.matched += found.identities.length;
        progress.lookedAt += found.lookedAt;
        afterId = found.nextId;
        wanted.onProgress?.({ ...progress });
      }
      return progress.matched;
    },
    estimateMatching: async (wanted) => {
      const resolved = await resolve(wanted);
      const matched: ScannedIdentity[] = [];
      let total = 0;
      for (let afterId: number | null = 0; afterId !== null; ) {
        const found: Scan & { lookedAt: number } = await step(resolved, afterId, Number.POSITIVE_INFINITY);
        matched.push(...found.identities);
        total += found.lookedAt;
        afterId = total >= SAMPLE ? null : found.nextId;
      }
      const percent = total === 0 ? 0 : (matched.length / total) * 100;
      return { count: matched.length, total, percent, margin: 0, sample: matched.slice(0, 20) };
    },
    close: async () => {},
  };
}

async function readRows(db: Db, environmentId: number, afterId: number): Promise<IdentityRow[]> {
  const { rows } = await sql<IdentityRow>`
    select id, identifier, traits, created_at, last_seen_day, has_overrides,
      (select ${sql.raw(db.capabilities.multiNode ? "string_agg(feature_id::text, ',')" : "group_concat(feature_id)")}
        from identity_overrides o where o.environment_id = i.environment_id and o.identifier = i.identifier) as features
    from identities i where environment_id = ${environmentId} and id > ${afterId}
    order by id limit ${STEP}`.execute(db.kysely);
  return rows;
}
