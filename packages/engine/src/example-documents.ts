import type { DocumentRule, DocumentSegment, EnvironmentDocument, FeatureState, IdentityOverride } from "./document.ts";
import type { Scalar } from "./operand.ts";

/** For tests: whole documents from the few things a test is about. Ids are derived: equal calls give equal documents. */

export interface StateOptions {
  readonly value?: Scalar;
  readonly enabled?: boolean;
  readonly weights?: readonly number[];
  readonly priority?: number | null;
  /** What variants hash; null: the uuid. */
  readonly seed?: number | null;
}

export function stateOf(id: number, name: string, options: StateOptions = {}): FeatureState {
  const { value = `${name}-${id}`, enabled = true, weights = [], priority } = options;
  return {
    feature: { id: featureId(name), name, type: weights.length > 0 ? "MULTIVARIATE" : "STANDARD" },
    enabled,
    django_id: options.seed === undefined ? id : options.seed,
    featurestate_uuid: uuidOf(id),
    feature_state_value: value,
    feature_segment: priority === undefined ? null : { priority },
    multivariate_feature_state_values: weights.map((weight, index) => ({
      id: id * 10 + index,
      mv_fs_value_uuid: uuidOf(id * 10 + index),
      percentage_allocation: weight,
      multivariate_feature_option: { id: id * 100 + index, value: `value-${index}`, key: `key-${index}` },
    })),
  };
}

function featureId(name: string): number {
  return Array.from(name).reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0);
}

function uuidOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

export function segmentOf(
  id: number,
  name: string,
  rules: readonly unknown[],
  overrides: readonly FeatureState[],
): DocumentSegment {
  return { id, name, rules: rules as readonly DocumentRule[], feature_states: overrides };
}

/** One ALL rule with one condition. */
export function ruleOf(property_: string | null, operator: string, value: string | null): DocumentRule {
  return { type: "ALL", rules: [], conditions: [{ operator, property_, value }] };
}

export function overrideOf(identifier: string, states: readonly FeatureState[]): IdentityOverride {
  return {
    identifier,
    environment_api_key: "client-key",
    created_date: "2026-01-01T00:00:00.000000+00:00",
    django_id: null,
    identity_uuid: uuidOf(0),
    dashboard_alias: null,
    composite_key: `client-key_${identifier}`,
    identity_traits: [],
    identity_features: states,
  };
}

export function documentOf(
  states: readonly FeatureState[],
  segments: readonly DocumentSegment[],
  overrides: readonly IdentityOverride[] = [],
): EnvironmentDocument {
  return {
    id: 1,
    api_key: "client-key",
    name: "Staging",
    updated_at: "2026-01-01T00:00:00.000000+00:00",
    allow_client_traits: true,
    hide_sensitive_data: false,
    hide_disabled_flags: null,
    use_identity_composite_key_for_hashing: true,
    use_identity_overrides_in_local_eval: true,
    project: {
      id: 1,
      name: "Project",
      hide_disabled_flags: false,
      enable_realtime_updates: false,
      server_key_only_feature_ids: [],
      organisation: {
        id: 1,
        name: "Organisation",
        feature_analytics: false,
        stop_serving_flags: false,
        persist_trait_data: true,
      },
      segments,
    },
    feature_states: states,
    identity_overrides: overrides,
  };
}
