import type { ProjectRow, ProjectTotals } from "./projects.store.ts";

const settingsOf = (row: ProjectRow) => ({
  name: row.name,
  hide_disabled_flags: row.hide_disabled_flags === 1,
  prevent_flag_defaults: row.prevent_flag_defaults === 1,
  enable_realtime_updates: row.enable_realtime_updates === 1,
  only_allow_lower_case_feature_names: row.only_allow_lower_case_feature_names === 1,
  feature_name_regex: row.feature_name_regex,
  stale_flags_limit_days: row.stale_flags_limit_days,
  minimum_change_request_approvals: row.minimum_change_request_approvals,
  enforce_feature_owners: row.enforce_feature_owners === 1,
});

const limitsOf = (row: ProjectRow) => ({
  max_features_allowed: row.max_features_allowed,
  max_segments_allowed: row.max_segments_allowed,
  max_segment_overrides_allowed: row.max_segment_overrides_allowed,
});

/** One kind of identity: what tells Flagsmith's kinds apart is constant. */
const oneKindOfIdentity = {
  enable_dynamo_db: false,
  use_edge_identities: false,
  migration_status: "NOT_APPLICABLE",
  edge_v2_migration_status: "NOT_STARTED",
  show_edge_identity_overrides_for_feature: false,
};

export const presentProject = (row: ProjectRow) => ({
  id: row.id,
  uuid: row.uuid,
  organisation: row.organisation_id,
  ...settingsOf(row),
  ...oneKindOfIdentity,
});

export const presentProjectDetail = (row: ProjectRow, totals: ProjectTotals) => ({
  ...presentProject(row),
  ...limitsOf(row),
  total_features: totals.features,
  total_segments: totals.segments,
});

/** For the audit log: what can be changed. */
export const auditedProject = (row: ProjectRow) => ({ id: row.id, ...settingsOf(row), ...limitsOf(row) });
