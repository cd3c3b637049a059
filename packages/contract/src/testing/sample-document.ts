/** A document for tests that says everything, and copies of it with one place changed. */
import { readEnvironmentDocument } from "../document/index.ts";

export const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

export const state = (n: number, featureId = n): Record<string, unknown> => ({
  feature: { id: featureId, name: `feature_${featureId}`, type: "STANDARD" },
  enabled: true,
  django_id: n,
  featurestate_uuid: uuid(n),
  feature_state_value: "v",
  feature_segment: null,
  multivariate_feature_state_values: [],
});

export const variant = (n: number, percentage: unknown): Record<string, unknown> => ({
  id: n,
  mv_fs_value_uuid: uuid(9000 + n),
  percentage_allocation: percentage,
  multivariate_feature_option: { id: n, value: "a", key: `variant-${n}` },
});

export const condition = { operator: "EQUAL", property_: "plan", value: "pro" };
const rule = { type: "ALL", rules: [{ type: "ANY", rules: [], conditions: [condition] }], conditions: [] };

/** A document that says everything, as the runtime API serves it. */
export const sample = () => ({
  id: 1,
  api_key: "clientKey",
  name: "Production",
  updated_at: "2026-06-01T12:00:00.123456+00:00",
  allow_client_traits: true,
  hide_sensitive_data: false,
  hide_disabled_flags: null as boolean | null,
  use_identity_composite_key_for_hashing: true,
  use_identity_overrides_in_local_eval: true,
  project: {
    id: 1,
    name: "Shop",
    hide_disabled_flags: false,
    enable_realtime_updates: true,
    server_key_only_feature_ids: [2],
    organisation: {
      id: 1,
      name: "Acme",
      feature_analytics: false,
      stop_serving_flags: false,
      persist_trait_data: true,
    },
    segments: [
      { id: 1, name: "Pros", rules: [rule], feature_states: [{ ...state(3, 1), feature_segment: { priority: 0 } }] },
    ] as Record<string, unknown>[],
  },
  feature_states: [
    { ...state(1), multivariate_feature_state_values: [variant(1, 33.3), variant(2, 66.7)] },
    state(2),
  ] as Record<string, unknown>[],
  identity_overrides: [
    {
      identifier: "user-7",
      environment_api_key: "clientKey",
      created_date: "2026-05-01T00:00:00.000000+00:00",
      django_id: 7,
      identity_uuid: uuid(7),
      dashboard_alias: null,
      composite_key: "clientKey_user-7",
      identity_traits: [],
      identity_features: [state(4, 2)],
    },
  ] as Record<string, unknown>[],
});

export type Path = readonly (string | number)[];

/** A copy of the sample with one place changed; undefined takes the key away. */
export function changed(path: Path, value: unknown): unknown {
  const document: unknown = structuredClone(sample());
  const last = path.at(-1) as string;
  const owner = path.slice(0, -1).reduce((part: unknown, key) => (part as never)[key], document) as Record<
    string,
    unknown
  >;
  if (value === undefined) delete owner[last];
  else owner[last] = value;
  return document;
}

export const problems = (value: unknown): Record<string, string> => {
  const reading = readEnvironmentDocument(value);
  return reading.ok ? {} : Object.fromEntries(reading.problems.map(({ path, message }) => [path, message]));
};
