/** Who meets a segment's rules, those of a segment that is not stored included. */
import { compile, type DocumentRule, matchSegments, type TraitValue } from "@burgee/engine";
import type { LoadedEnvironment } from "./loaded.ts";

export interface Candidate {
  readonly id: number;
  readonly identifier: string;
  readonly traits: Readonly<Record<string, TraitValue>>;
}

export interface Rules {
  /** What percentages hash; a segment that was never stored has 0. */
  readonly segmentId: number;
  readonly rules: readonly DocumentRule[];
}

type Place = Pick<LoadedEnvironment, "id" | "apiKey" | "name" | "compositeHashKey">;

/** As the environment evaluates it: its name, key and way of hashing count. */
export function createRuleMatcher(environment: Place, { segmentId, rules }: Rules): (candidate: Candidate) => boolean {
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
      organisation: { id: 0, name: "", feature_analytics: false, stop_serving_flags: false, persist_trait_data: true },
      segments: [{ id: segmentId, name: "", rules, feature_states: [] }],
    },
    feature_states: [],
    identity_overrides: [],
  });
  return ({ id, identifier, traits }) =>
    matchSegments(compiled, { identifier, traits, ...(environment.compositeHashKey ? {} : { key: String(id) }) })
      .length > 0;
}
