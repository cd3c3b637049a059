/** What the serving thread asks the search threads. Plain data both ways. */
import type { DbLocation } from "../db/identity-index.ts";
import type { IdentityRow } from "./read-rows.ts";
import type { ResolvedQuery } from "./wanted.ts";

export interface Order {
  readonly column: "id" | "identifier" | "last_seen_day";
  readonly isDescending: boolean;
}

/** Where in an order an identity is: its column, and the id where that is not enough. */
export type Key = readonly [string | number, number?];

export interface PageRequest {
  readonly kind: "page";
  readonly resolved: ResolvedQuery;
  readonly order: Order;
  /** Beyond this; null = from the beginning. */
  readonly after: Key | null;
  readonly limit: number;
  /** After this time the page ends as it is. */
  readonly timeMs: number;
  readonly withTotal: boolean;
}

export interface PageAnswer {
  readonly rows: readonly FoundRow[];
  /** Where the next page begins; null = at the end. */
  readonly next: Key | null;
  readonly total: { readonly count: number; readonly exact: boolean } | null;
  readonly searchedAll: boolean;
}

export interface FoundRow extends IdentityRow {
  readonly override_count: number;
}

export interface CountRequest {
  readonly kind: "count";
  readonly resolved: ResolvedQuery;
  /** Ids beyond this one, up to and with `untilId`. */
  readonly afterId: number;
  readonly untilId: number;
  readonly timeMs: number;
}

export interface CountAnswer {
  readonly matched: number;
  /** null = done. */
  readonly nextId: number | null;
}

export interface EstimateRequest {
  readonly kind: "estimate";
  readonly resolved: ResolvedQuery;
  /** Matches to show. */
  readonly shown: number;
}

export interface EstimateAnswer {
  readonly lookedAt: number;
  readonly matched: number;
  readonly total: number;
  readonly isEverybody: boolean;
  readonly sample: readonly IdentityRow[];
}

export type SearchRequest = PageRequest | CountRequest | EstimateRequest;

/** The first message to a thread. */
export interface ThreadInit {
  readonly location: DbLocation;
}

export type ThreadReply =
  | readonly [id: number, isOk: true, value: unknown]
  | readonly [id: number, isOk: false, value: { readonly code: string; readonly message: string }];
