/** Projects and environments inside an entry of the audit log, to whoever reads it or is told of it. */
import type { Selectable } from "kysely";
import type { EnvironmentsTable, ProjectsTable } from "../db/tables.ts";

export const presentProject = (row: Selectable<ProjectsTable>) => ({
  id: row.id,
  uuid: row.uuid,
  name: row.name,
  organisation: row.organisation_id,
  hide_disabled_flags: row.hide_disabled_flags === 1,
  enable_dynamo_db: false,
  migration_status: "NOT_APPLICABLE",
  use_edge_identities: false,
  prevent_flag_defaults: row.prevent_flag_defaults === 1,
  enable_realtime_updates: row.enable_realtime_updates === 1,
  only_allow_lower_case_feature_names: row.only_allow_lower_case_feature_names === 1,
  feature_name_regex: row.feature_name_regex,
  show_edge_identity_overrides_for_feature: false,
  stale_flags_limit_days: row.stale_flags_limit_days,
  edge_v2_migration_status: "NOT_STARTED",
  minimum_change_request_approvals: row.minimum_change_request_approvals,
  enforce_feature_owners: row.enforce_feature_owners === 1,
});

export const presentEnvironment = (row: Selectable<EnvironmentsTable>) => ({
  id: row.id,
  uuid: row.uuid,
  name: row.name,
  api_key: row.api_key,
  description: row.description,
  project: row.project_id,
  minimum_change_request_approvals: row.minimum_change_request_approvals,
  allow_client_traits: row.allow_client_traits === 1,
  banner_text: row.banner_text,
  banner_colour: row.banner_colour,
  hide_disabled_flags: row.hide_disabled_flags === null ? null : row.hide_disabled_flags === 1,
  use_mv_v2_evaluation: row.use_identity_composite_key_for_hashing === 1,
  use_identity_composite_key_for_hashing: row.use_identity_composite_key_for_hashing === 1,
  hide_sensitive_data: row.hide_sensitive_data === 1,
  use_v2_feature_versioning: false,
  use_identity_overrides_in_local_eval: row.use_identity_overrides_in_local_eval === 1,
  is_creating: false,
  identity_retention_days: row.identity_retention_days,
});
