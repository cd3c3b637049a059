/**
 * Finding identities: pages for people, everybody for jobs. What a query means is in matcher.ts; docs/adr/0008-identity-search.md tells how
 * it is answered. Nothing of it runs on the serving thread but the handing over.
 */
import type { Db } from "../db/database.ts";
import { AppError } from "../errors.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import type {
  CountAnswer,
  EstimateAnswer,
  FoundRow,
  Key,
  Order,
  PageAnswer,
  PageRequest,
  SearchRequest,
} from "./requests.ts";
import { createThreads } from "./threads.ts";
import { asksForTraits, type ResolvedQuery, resolveQuery, type Wanted } from "./wanted.ts";

export interface SearchDeps {
  readonly db: Db;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export type SearchSort = "-created" | "created" | "identifier" | "-identifier" | "last_seen" | "-last_seen";

export interface PageWanted extends Wanted {
  readonly sort: SearchSort;
  /** 1 to 200. */
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page {
  readonly identities: readonly FoundRow[];
  readonly next: string | null;
  readonly total: { readonly count: number; readonly exact: boolean } | null;
  readonly searchedAll: boolean;
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
  /** Everybody up to here was looked at: the next `afterId`. null = there is nobody left. May be set after a short or empty list. */
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
  /** From 0 to 1. */
  readonly share: number;
}

export interface CountWanted extends Wanted {
  /** Called several times a second. */
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
  /** Some of those who match. */
  readonly sample: readonly ScannedIdentity[];
}

/**
 * All reject with AppError "invalid" (body {q, position, length}) where the query is none or names what is not there, and with
 * "not_found" where there is no such environment.
 */
export interface Search {
  /** For people. A cursor of another query or sort is "invalid" too. */
  findPage(wanted: PageWanted): Promise<Page>;
  /** Whether the answer tells about traits. A text that is no query asks for none. */
  asksForTraits(wanted: Wanted): Promise<boolean>;
  /** For jobs: those who match, a few at a time, as they are at that moment. */
  scanMatching(wanted: ScanWanted): Promise<Scan>;
  /** Exact, if nobody writes meanwhile. */
  countMatching(wanted: CountWanted): Promise<number>;
  /** From a sample, within 2 percentage points. */
  estimateMatching(wanted: Wanted): Promise<Estimate>;
  close(): Promise<void>;
}

/** After this time a page ends as it is, and the caller goes on. */
const pageMs = 400;
const scanMs = 2_000;
const countMs = 500;
const estimateShown = 20;

const orders: Readonly<Record<SearchSort, Order>> = {
  created: { column: "id", isDescending: false },
  "-created": { column: "id", isDescending: true },
  identifier: { column: "identifier", isDescending: false },
  "-identifier": { column: "identifier", isDescending: true },
  last_seen: { column: "last_seen_day", isDescending: false },
  "-last_seen": { column: "last_seen_day", isDescending: true },
};

/** Pages and estimates go before counts and scans, which have threads of their own. */
export function createSearch({ db, now }: SearchDeps): Search {
  const soon = createThreads(db.location, 2);
  const later = createThreads(db.location, 2);
  const resolve = (wanted: Wanted) => resolveQuery(db.kysely, wanted, now());

  return {
    findPage: async (wanted) => {
      const question = JSON.stringify([wanted.environmentId, wanted.query ?? "", wanted.rules ?? null, wanted.sort]);
      const cursor = wanted.cursor === undefined ? undefined : readCursor(question, wanted.cursor);
      if (wanted.cursor !== undefined && !fits(cursor?.after, orders[wanted.sort])) {
        throw new AppError("invalid", { body: { cursor: ["This cursor belongs to another query."] } });
      }
      const answer = await soon.request<PageAnswer>({
        kind: "page",
        resolved: await resolve(wanted),
        order: orders[wanted.sort],
        after: cursor?.after ?? null,
        limit: wanted.limit,
        timeMs: pageMs,
        withTotal: cursor === undefined,
      } satisfies PageRequest);
      const total = cursor ? cursor.total : answer.total;
      const next = answer.next && writeCursor(question, { after: answer.next, total });
      return { identities: answer.rows, next, total, searchedAll: answer.searchedAll };
    },
    asksForTraits: async (wanted) => wanted.rules !== undefined || asksForTraits((await resolve(wanted)).query),
    scanMatching: async (wanted) => {
      const { rows, next } = await later.request<PageAnswer>({
        kind: "page",
        resolved: await resolve(wanted),
        order: orders.created,
        after: wanted.afterId > 0 ? [wanted.afterId] : null,
        limit: wanted.limit,
        timeMs: scanMs,
        withTotal: false,
      } satisfies PageRequest);
      return { identities: rows, nextId: next === null ? null : Number(next[0]) };
    },
    countMatching: async (wanted) =>
      count(later.request, await resolve(wanted), await idsOf(db, wanted.environmentId), wanted),
    estimateMatching: async (wanted) => {
      const request = { kind: "estimate", resolved: await resolve(wanted), shown: estimateShown } as const;
      return present(await soon.request<EstimateAnswer>(request));
    },
    close: async () => {
      await Promise.all([soon.close(), later.close()]);
    },
  };
}

/** A key of the order: a number and a number, a number, a text. */
function fits(key: Key | undefined, { column }: Order): boolean {
  if (!key) return false;
  const isText = typeof key[0] === "string";
  return isText === (column === "identifier") && (key[1] !== undefined) === (column === "last_seen_day");
}

type Request = <Answer>(request: SearchRequest) => Promise<Answer>;

/** Two halves of the ids, each by a thread of its own. */
async function count(
  request: Request,
  resolved: ResolvedQuery,
  [low, high]: readonly [number, number],
  { onProgress, signal }: CountWanted,
): Promise<number> {
  const middle = Math.floor((low + high) / 2);
  const halves = [
    { afterId: low - 1, untilId: middle, matched: 0, share: 0 },
    { afterId: middle, untilId: Number.MAX_SAFE_INTEGER, matched: 0, share: 0 },
  ];
  const sumOf = (column: "matched" | "share") => halves.reduce((sum, half) => sum + half[column], 0);
  await Promise.all(
    halves.map(async (half) => {
      for (let afterId: number | null = half.afterId; afterId !== null; ) {
        signal?.throwIfAborted();
        const { untilId } = half;
        const part: CountAnswer = await request<CountAnswer>({
          kind: "count",
          resolved,
          afterId,
          untilId,
          timeMs: countMs,
        });
        half.matched += part.matched;
        half.share =
          part.nextId === null
            ? 1
            : Math.max(0, (part.nextId - half.afterId) / (Math.min(high, untilId) - half.afterId));
        afterId = part.nextId;
        onProgress?.({ matched: sumOf("matched"), share: sumOf("share") / 2 });
      }
    }),
  );
  return sumOf("matched");
}

async function idsOf({ kysely }: Db, environmentId: number): Promise<readonly [number, number]> {
  const row = await kysely
    .selectFrom("identities")
    .select((e) => [e.fn.min("id").as("low"), e.fn.max("id").as("high")])
    .where("environment_id", "=", environmentId)
    .executeTakeFirst();
  return [row?.low ?? 1, row?.high ?? 0];
}

function present({ lookedAt, matched, total, isEverybody, sample }: EstimateAnswer): Estimate {
  const share = lookedAt === 0 ? 0 : matched / lookedAt;
  const deviation = Math.sqrt((share * (1 - share)) / Math.max(1, lookedAt));
  return {
    count: isEverybody ? matched : Math.round(share * total),
    total,
    percent: share * 100,
    margin: isEverybody ? 0 : 1.96 * deviation * 100,
    sample,
  };
}
