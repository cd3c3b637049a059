/** What somebody looks for among an environment's identities: a query as a tree. Text becomes one in parse-query.ts. */

/** A trait's value as a query writes it; types are compared as written: `5` is not `"5"`. */
export type QueryValue = string | number | boolean;

/**
 * How a text is compared. `exact`, `prefix` and `suffix` are exact to the letter; `contains` takes A to Z and a to z for the same,
 * and no other letters.
 */
export interface TextMatch {
  readonly mode: "exact" | "prefix" | "suffix" | "contains";
  /** Never empty. */
  readonly text: string;
}

export type Comparison = "<" | "<=" | ">" | ">=";

export type AgeUnit = "h" | "d" | "w";

/**
 * A day (`2026-01-31`) or a moment (`2026-01-31T10:00:00Z`) in UTC, or an age. With a day, `>` is after its end, `>=` from its start
 * on, `<` before its start, `<=` until its end. With an age, `<` is younger (more recent) than that, `>` older.
 */
export type QueryTime =
  | { readonly day: string }
  | { readonly moment: string }
  | { readonly age: number; readonly unit: AgeUnit };

/** One condition. */
export type QueryTerm =
  | { readonly kind: "identifier"; readonly match: TextMatch }
  /** Has the trait, and its value is one of these (`is not`: none of them). One value at least. */
  | { readonly kind: "trait"; readonly key: string; readonly is: boolean; readonly values: readonly QueryValue[] }
  /** The trait is a text that matches. Never mode "exact". */
  | { readonly kind: "trait-text"; readonly key: string; readonly match: TextMatch }
  /** Of the same type and on this side of the value: numbers by size, texts by code point. */
  | {
      readonly kind: "trait-order";
      readonly key: string;
      readonly comparison: Comparison;
      readonly value: string | number;
    }
  | { readonly kind: "has"; readonly key: string }
  /** Has an override: of this feature (by name), or (null) of any. */
  | { readonly kind: "override"; readonly feature: string | null }
  /** Is in the segment, by name or by id. */
  | { readonly kind: "segment"; readonly segment: string | number }
  | { readonly kind: "created"; readonly comparison: Comparison; readonly time: QueryTime }
  /** `last_seen` is kept by the day; a moment counts as its day, hours as whole days. */
  | { readonly kind: "last_seen"; readonly comparison: Comparison; readonly time: QueryTime };

export type Query =
  /** Everybody: the empty text. Only at the root. */
  | { readonly kind: "all" }
  /** Two parts at least, none of them of the same kind. */
  | { readonly kind: "and"; readonly parts: readonly Query[] }
  | { readonly kind: "or"; readonly parts: readonly Query[] }
  | { readonly kind: "not"; readonly part: Query }
  | QueryTerm;

export const queryLimits = {
  /** Characters of the text. */
  length: 4_000,
  /** Conditions, and values in one list. */
  terms: 100,
  /** Parentheses and negations inside one another. */
  depth: 20,
  /** Characters of an identifier, a trait's value. */
  text: 2_000,
  /** Characters of a trait's key. */
  key: 200,
} as const;

/** A stretch of the text, in UTF-16 units from its beginning. */
export interface Place {
  readonly position: number;
  readonly length: number;
}

/** `key`: a trait's name or a word of the language; `text`: a bare word; `value`: what a key is compared with. */
export type TokenKind = "keyword" | "key" | "operator" | "value" | "text" | "parenthesis";

export interface QueryToken extends Place {
  readonly kind: TokenKind;
}

export type ParsedQuery =
  | {
      readonly ok: true;
      readonly query: Query;
      readonly tokens: readonly QueryToken[];
      /** Where each condition stands, for whoever finds fault with one later on (a segment that does not exist). */
      readonly places: ReadonlyMap<Query, Place>;
    }
  | ({ readonly ok: false; readonly message: string; readonly tokens: readonly QueryToken[] } & Place);
