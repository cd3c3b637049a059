/** AUDIT_LOG_CREATED, as Flagsmith lists an entry of the audit log. */
import type { Selectable } from "kysely";
import { isoTime, presentPerson } from "../../accounts/present-person.ts";
import type { AuditEntry, Written } from "../../changes/commit.ts";
import type { EnvironmentsTable, ProjectsTable } from "../../db/tables.ts";
import type { Author } from "./author.ts";
import { type HookEvent, objectKey } from "./event.ts";
import { type Database, readEnvironments, readProjects } from "./events.store.ts";

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
  stale_flags_limit_days: row.stale_flags_limit_days,
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
  use_identity_composite_key_for_hashing: row.use_identity_composite_key_for_hashing === 1,
  hide_sensitive_data: row.hide_sensitive_data === 1,
  use_v2_feature_versioning: false,
  use_identity_overrides_in_local_eval: row.use_identity_overrides_in_local_eval === 1,
});

export async function auditEvents(db: Database, { entries, at }: Written, author: Author): Promise<HookEvent[]> {
  const projects = await readProjects(
    db,
    entries.flatMap((entry) => entry.projectId ?? []),
  );
  const environments = await readEnvironments(
    db,
    entries.flatMap((entry) => entry.environmentId ?? []),
  );
  const data = (entry: AuditEntry) => {
    const project = projects.get(entry.projectId ?? 0);
    const environment = environments.get(entry.environmentId ?? 0);
    return {
      created_date: isoTime(at),
      log: entry.log,
      author: author.user ? presentPerson(author.user) : null,
      environment: environment ? presentEnvironment(environment) : null,
      project: project ? presentProject(project) : null,
      related_object_id: /^\d{1,10}$/.test(entry.objectId) ? Number(entry.objectId) : null,
      related_object_uuid: null,
      related_object_type: entry.objectType.toUpperCase(),
    };
  };
  return entries.flatMap((entry) =>
    entry.organisationId === null
      ? []
      : [
          {
            type: "AUDIT_LOG_CREATED" as const,
            object: objectKey(entry.objectType, entry.objectId),
            organisationId: entry.organisationId,
            environmentId: entry.environmentId,
            projectId: entry.projectId,
            data: data(entry),
          },
        ],
  );
}
