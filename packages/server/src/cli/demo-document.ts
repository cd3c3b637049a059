/** A small shop that shows every concept once. Ids are high, to stay clear of whatever else is there. */
import type { DocumentSegment, EnvironmentDocument, FeatureState, MultivariateValue, Scalar } from "@burgee/engine";

const BASE = 900_000_000;

export const DEMO_CLIENT_KEY = "burgeeDemoClientKey";
export const DEMO_SERVER_KEY = "ser.burgeeDemoServerKey";

/** Known from the start, so that segments have somebody in them. */
export const DEMO_IDENTITIES = [
  { identifier: "ana@example.com", traits: { plan: "pro", country: "DE", logins: 41, beta: true } },
  { identifier: "ben@example.com", traits: { plan: "free", country: "US", logins: 3, beta: false } },
  { identifier: "chi@example.com", traits: { plan: "scale", country: "FR", logins: 128, beta: true } },
] as const;

interface StateInput {
  readonly feature: number;
  readonly name: string;
  readonly state: number;
  readonly enabled: boolean;
  readonly value: Scalar;
  readonly priority?: number;
  readonly variants?: MultivariateValue[];
}

const uuid = (id: number): string => `00000000-0000-4000-8000-${String(id).padStart(12, "0")}`;

function state({ feature, name, state: id, enabled, value, priority, variants = [] }: StateInput): FeatureState {
  return {
    feature: { id: BASE + feature, name, type: variants.length > 0 ? "MULTIVARIATE" : "STANDARD" },
    enabled,
    django_id: BASE + id,
    featurestate_uuid: uuid(id),
    feature_state_value: value,
    feature_segment: priority === undefined ? null : { priority },
    multivariate_feature_state_values: variants,
  };
}

const variant = (id: number, key: string, value: string, percentage: number): MultivariateValue => ({
  id: BASE + id,
  mv_fs_value_uuid: uuid(id),
  percentage_allocation: percentage,
  multivariate_feature_option: { id: BASE + id, key, value },
});

const betaTesters: DocumentSegment = {
  id: BASE + 1,
  name: "beta testers",
  rules: [
    {
      type: "ALL",
      conditions: [],
      rules: [
        { type: "ANY", rules: [], conditions: [{ property_: "plan", operator: "IN", value: "pro,scale" }] },
        { type: "ALL", rules: [], conditions: [{ property_: "beta", operator: "EQUAL", value: "true" }] },
      ],
    },
  ],
  feature_states: [
    state({ feature: 1, name: "new_checkout", state: 11, enabled: true, value: null, priority: 0 }),
    state({
      feature: 2,
      name: "banner_text",
      state: 12,
      enabled: true,
      value: "Thank you for testing with us",
      priority: 0,
    }),
  ],
};

const everyFourth: DocumentSegment = {
  id: BASE + 2,
  name: "25 % of everyone",
  rules: [
    {
      type: "ALL",
      conditions: [],
      rules: [{ type: "ANY", rules: [], conditions: [{ property_: "", operator: "PERCENTAGE_SPLIT", value: "25" }] }],
    },
  ],
  feature_states: [state({ feature: 4, name: "new_search", state: 14, enabled: true, value: null, priority: 0 })],
};

const colours = () => [variant(31, "blue", "#1f6feb", 50), variant(32, "green", "#2da44e", 25)];

export const demoDocument: EnvironmentDocument = {
  id: BASE + 1,
  api_key: DEMO_CLIENT_KEY,
  name: "Demo",
  updated_at: "2026-01-01T00:00:00.000000+00:00",
  allow_client_traits: true,
  hide_sensitive_data: false,
  hide_disabled_flags: null,
  use_identity_composite_key_for_hashing: true,
  use_identity_overrides_in_local_eval: true,
  project: {
    id: BASE + 1,
    name: "Demo shop",
    hide_disabled_flags: false,
    enable_realtime_updates: true,
    server_key_only_feature_ids: [],
    organisation: {
      id: BASE + 1,
      name: "Demo",
      feature_analytics: false,
      stop_serving_flags: false,
      persist_trait_data: true,
    },
    segments: [betaTesters, everyFourth],
  },
  feature_states: [
    state({ feature: 1, name: "new_checkout", state: 1, enabled: false, value: null }),
    state({ feature: 2, name: "banner_text", state: 2, enabled: true, value: "Welcome to the shop" }),
    state({ feature: 3, name: "button_colour", state: 3, enabled: true, value: "#6e7781", variants: colours() }),
    state({ feature: 4, name: "new_search", state: 4, enabled: false, value: null }),
  ],
  identity_overrides: [
    {
      identifier: "ben@example.com",
      environment_api_key: DEMO_CLIENT_KEY,
      created_date: "2026-01-01T00:00:00.000000+00:00",
      django_id: BASE + 1,
      identity_uuid: uuid(1),
      dashboard_alias: null,
      composite_key: `${DEMO_CLIENT_KEY}_ben@example.com`,
      identity_traits: [],
      identity_features: [state({ feature: 1, name: "new_checkout", state: 21, enabled: true, value: null })],
    },
  ],
};
