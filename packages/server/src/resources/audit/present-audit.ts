/** Audit entries as Flagsmith shows them, and the differences between before and after. */
import type { Selectable } from "kysely";
import type { EnvironmentsTable, ProjectsTable } from "../../db/tables.ts";
import { isoMicros } from "../../documents/load.ts";
import { type AuditPeople, type AuditRow, userIdOf } from "./audit.store.ts";

const presentProject = (row: Selectable<ProjectsTable>) => ({
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

const presentEnvironment = (row: Selectable<EnvironmentsTable>) => ({
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

const lookUp = <V>(map: ReadonlyMap<number, V>, id: number | null): V | undefined =>
  id === null ? undefined : map.get(id);

export function presentAudit(row: AuditRow, named: AuditPeople) {
  const user = lookUp(named.users, userIdOf(row.actor));
  const project = lookUp(named.projects, row.project_id);
  const environment = lookUp(named.environments, row.environment_id);
  return {
    id: row.id,
    created_date: isoMicros(row.created_at, "Z"),
    log: row.log,
    author: user
      ? {
          id: user.id,
          email: user.email,
          first_name: user.first_name,
          last_name: user.last_name,
          last_login: user.last_login_at === null ? null : isoMicros(user.last_login_at, "Z"),
          uuid: user.uuid,
        }
      : null,
    environment: environment ? presentEnvironment(environment) : null,
    project: project ? presentProject(project) : null,
    related_object_id: /^\d{1,10}$/.test(row.object_id) ? Number(row.object_id) : null,
    related_object_uuid: null,
    related_object_type: row.object_type.toUpperCase().slice(0, 20),
    is_system_event: !/^(user|key):/.test(row.actor),
    // Beyond Flagsmith's shape:
    actor: row.actor,
    request_id: row.request_id,
    address: row.address,
    revision: row.revision,
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const scalar = (value: unknown): unknown =>
  value === undefined ? null : typeof value === "object" && value !== null ? JSON.stringify(value) : value;

/** What an entry holds only so that it can be undone. */
const KEPT = "kept";

/** Field by field, only what differs; lists and objects as their JSON. */
export function changeDetails(row: AuditRow): { field: string; old: unknown; new: unknown }[] {
  const before: unknown = row.before === null ? null : JSON.parse(row.before);
  const after: unknown = row.after === null ? null : JSON.parse(row.after);
  if (!isRecord(before) && !isRecord(after)) {
    return before === null && after === null
      ? []
      : [{ field: row.object_type, old: scalar(before), new: scalar(after) }];
  }
  const old = isRecord(before) ? before : {};
  const now = isRecord(after) ? after : {};
  const fields = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return fields
    .filter((field) => field !== KEPT && JSON.stringify(old[field]) !== JSON.stringify(now[field]))
    .map((field) => ({ field, old: scalar(old[field]), new: scalar(now[field]) }));
}
