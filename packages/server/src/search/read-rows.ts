/** Rows of identities as a matcher sees them. */
import { parseJson } from "@burgee/contract/sdk";
import { compile, matchSegments, type TraitValue } from "@burgee/engine";
import type { MatcherContext, Subject } from "./matcher.ts";
import type { ResolvedQuery } from "./wanted.ts";

export interface IdentityRow {
  readonly id: number;
  readonly identifier: string;
  /** JSON object. */
  readonly traits: string;
  /** Milliseconds since 1970. */
  readonly created_at: number;
  /** Whole days since 1970. */
  readonly last_seen_day: number;
  readonly has_overrides: number;
  /** Ids with commas between; null where nobody asked. */
  readonly features?: string | null;
}

const NO_FEATURES: ReadonlySet<number> = new Set();

/** Only texts that may hold a whole float pay for the slower parser. */
export function readTraits(text: string): Readonly<Record<string, TraitValue>> {
  if (text === "{}") return {};
  if (text.includes(".0") || text.includes("e+")) {
    const parsed = parseJson(text);
    if (parsed.ok) return parsed.value as Record<string, TraitValue>;
  }
  return JSON.parse(text) as Record<string, TraitValue>;
}

export function subjectOf(row: IdentityRow): Subject {
  return {
    id: row.id,
    identifier: row.identifier,
    traits: readTraits(row.traits),
    createdAt: row.created_at,
    lastSeenDay: row.last_seen_day,
    overrides: row.features ? new Set(row.features.split(",").map(Number)) : NO_FEATURES,
  };
}

export function matcherContext({ environment, segments, features, now }: ResolvedQuery): MatcherContext {
  const matchers = new Map(
    segments.map(({ name, segments: found }) => {
      const compiled = compile({
        id: environment.id,
        api_key: environment.apiKey,
        name: environment.name,
        updated_at: "",
        allow_client_traits: true,
        hide_sensitive_data: false,
        hide_disabled_flags: false,
        use_identity_composite_key_for_hashing: environment.compositeHashKey,
        use_identity_overrides_in_local_eval: true,
        project: {
          id: 0,
          name: "",
          hide_disabled_flags: false,
          enable_realtime_updates: false,
          server_key_only_feature_ids: [],
          organisation: {
            id: 0,
            name: "",
            feature_analytics: false,
            stop_serving_flags: false,
            persist_trait_data: true,
          },
          segments: found,
        },
        feature_states: [],
        identity_overrides: [],
      });
      return [name, compiled] as const;
    }),
  );
  return {
    now,
    features: new Map(features),
    isInSegment: (segment, { id, identifier, traits }) => {
      const compiled = matchers.get(segment);
      if (!compiled) return false;
      const key = environment.compositeHashKey ? {} : { key: String(id) };
      return matchSegments(compiled, { identifier, traits, ...key }).length > 0;
    },
  };
}
