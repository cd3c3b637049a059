import type { EnvironmentCounts, EnvironmentRow } from "./environments.store.ts";

const settingsOf = (row: EnvironmentRow) => ({
  name: row.name,
  description: row.description,
  allow_client_traits: row.allow_client_traits === 1,
  hide_disabled_flags: row.hide_disabled_flags === null ? null : row.hide_disabled_flags === 1,
  hide_sensitive_data: row.hide_sensitive_data === 1,
  use_identity_composite_key_for_hashing: row.use_identity_composite_key_for_hashing === 1,
  use_identity_overrides_in_local_eval: row.use_identity_overrides_in_local_eval === 1,
  minimum_change_request_approvals: row.minimum_change_request_approvals,
  identity_retention_days: row.identity_retention_days,
  banner_text: row.banner_text,
  banner_colour: row.banner_colour,
});

export const presentEnvironment = (row: EnvironmentRow) => ({
  id: row.id,
  uuid: row.uuid,
  api_key: row.api_key,
  project: row.project_id,
  ...settingsOf(row),
  use_mv_v2_evaluation: row.use_identity_composite_key_for_hashing === 1,
  use_v2_feature_versioning: false,
  is_creating: false,
  metadata: [],
});

export const presentEnvironmentDetail = (row: EnvironmentRow, segmentOverrides: number) => ({
  ...presentEnvironment(row),
  total_segment_overrides: segmentOverrides,
});

export const presentClone = (row: EnvironmentRow) => ({
  id: row.id,
  name: row.name,
  api_key: row.api_key,
  project: row.project_id,
});

/** For the audit log: what can be changed. The client-side key is public, and changing it changes buckets. */
export const auditedEnvironment = (row: EnvironmentRow) => ({ id: row.id, api_key: row.api_key, ...settingsOf(row) });

const METRICS = [
  { name: "total_features", description: "Total features", entity: "features", of: "features" },
  { name: "enabled_features", description: "Features enabled", entity: "features", of: "enabledFeatures" },
  { name: "segment_overrides", description: "Segment overrides", entity: "segments", of: "segmentOverrides" },
  { name: "identity_overrides", description: "Identity overrides", entity: "identities", of: "identityOverrides" },
] as const satisfies readonly { readonly of: keyof EnvironmentCounts; readonly [key: string]: string }[];

export function presentMetrics(counts: EnvironmentCounts) {
  const metrics = METRICS.map(({ of, ...metric }, i) => ({ ...metric, rank: i + 1, value: counts[of] }));
  return { count: 1, next: null, previous: null, results: [{ metrics }], metrics };
}
