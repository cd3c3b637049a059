/** The smallest environment document: one environment of one project, with the feature states that a test needs. */
export const oneEnvironment = (apiKey: string, featureStates: readonly object[] = []) => ({
  id: 1,
  api_key: apiKey,
  name: "Production",
  updated_at: "2026-01-01T00:00:00.000000+00:00",
  project: {
    id: 1,
    name: "Shop",
    hide_disabled_flags: false,
    enable_realtime_updates: false,
    server_key_only_feature_ids: [],
    organisation: {
      id: 1,
      name: "Acme",
      feature_analytics: false,
      stop_serving_flags: false,
      persist_trait_data: true,
    },
    segments: [],
  },
  feature_states: featureStates,
  identity_overrides: [],
});
