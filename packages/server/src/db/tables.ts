/**
 * The rows of every table, as both databases return them.
 * Booleans are 0 or 1, times are whole milliseconds since 1970 (UTC), JSON is text: one shape for two dialects,
 * so nothing above this folder asks which database it is talking to.
 */
import type { Generated } from "kysely";
import type { AccountTables } from "./account-tables.ts";
import type { AdminTables } from "./admin-tables.ts";
import type { JobTables } from "./job-tables.ts";
import type { SearchTables } from "./search-tables.ts";
import type { WebhookTables } from "./webhook-tables.ts";

export type { Role } from "./admin-tables.ts";

/** 0 or 1. */
export type Flag = number;
/** Milliseconds since 1970, UTC. */
export type Millis = number;
/** JSON text. */
export type Json = string;

export interface OrganisationsTable {
  id: Generated<number>;
  uuid: string;
  name: string;
  persist_trait_data: Flag;
  stop_serving_flags: Flag;
  feature_analytics: Flag;
  created_at: Millis;
  force_2fa: Generated<Flag>;
  restrict_project_create_to_admin: Generated<Flag>;
  webhook_notification_email: string | null;
}

export interface ProjectsTable {
  id: Generated<number>;
  uuid: string;
  organisation_id: number;
  name: string;
  hide_disabled_flags: Flag;
  enable_realtime_updates: Flag;
  created_at: Millis;
  prevent_flag_defaults: Generated<Flag>;
  enforce_feature_owners: Generated<Flag>;
  only_allow_lower_case_feature_names: Generated<Flag>;
  feature_name_regex: string | null;
  stale_flags_limit_days: Generated<number>;
  minimum_change_request_approvals: number | null;
  max_features_allowed: Generated<number>;
  max_segments_allowed: Generated<number>;
  max_segment_overrides_allowed: Generated<number>;
}

export interface EnvironmentsTable {
  id: Generated<number>;
  uuid: string;
  project_id: number;
  name: string;
  description: string | null;
  /** The client-side key; unique, and part of every composite hash key. */
  api_key: string;
  allow_client_traits: Flag;
  /** null inherits the project's switch. */
  hide_disabled_flags: Flag | null;
  hide_sensitive_data: Flag;
  use_identity_composite_key_for_hashing: Flag;
  use_identity_overrides_in_local_eval: Flag;
  /** Grows by one with every configuration change; cache key, ETag and stream id. */
  revision: number;
  /** Strictly grows with `revision`. */
  updated_at: Millis;
  /** What it was before the last change; null before the second. */
  previous_updated_at: Millis | null;
  created_at: Millis;
  first_evaluated_at: Millis | null;
  first_evaluated_sdk: string | null;
  minimum_change_request_approvals: number | null;
  banner_text: string | null;
  banner_colour: string | null;
  /** Identities that were not seen for so many days are deleted; null = never. */
  identity_retention_days: number | null;
}

/** Server-side keys (`ser.…`). */
export interface EnvironmentKeysTable {
  id: Generated<number>;
  environment_id: number;
  key: string;
  name: string;
  active: Flag;
  created_at: Millis;
  expires_at: Millis | null;
}

export interface FeaturesTable {
  id: Generated<number>;
  uuid: string;
  project_id: number;
  name: string;
  /** Lower-cased name; unique in a project. */
  name_key: string;
  type: "STANDARD" | "MULTIVARIATE";
  initial_value: string | null;
  default_enabled: Flag;
  description: string | null;
  is_archived: Flag;
  is_server_key_only: Flag;
  created_at: Millis;
}

export interface MultivariateOptionsTable {
  id: Generated<number>;
  uuid: string;
  feature_id: number;
  /** A JSON scalar: string, integer or boolean. */
  value: Json;
  key: string | null;
  default_percentage_allocation: number;
}

export interface SegmentsTable {
  id: Generated<number>;
  uuid: string;
  project_id: number;
  /** Set when the segment belongs to one feature only. */
  feature_id: number | null;
  name: string;
  description: string | null;
  /** The rule tree as the environment document spells it (`property_`). */
  rules: Json;
  created_at: Millis;
  updated_at: Millis;
  /** Counts the edits. */
  version: Generated<number>;
}

/** Which segment overrides which feature in which environment, and how strongly. */
/** A file of features that was made for download, or one that was taken in. */
export interface FeatureTransfersTable {
  id: Generated<number>;
  environment_id: number;
  kind: "export" | "import";
  /** Of an import. */
  strategy: string | null;
  /** Of an export: what is downloaded. */
  data: Json | null;
  created_at: Millis;
}

export interface FeatureSegmentsTable {
  id: Generated<number>;
  uuid: string;
  feature_id: number;
  segment_id: number;
  environment_id: number;
  priority: number;
}

/** Environment defaults (feature_segment_id null) and segment overrides. Identity overrides live in their own table. */
export interface FeatureStatesTable {
  id: Generated<number>;
  uuid: string;
  feature_id: number;
  environment_id: number;
  feature_segment_id: number | null;
  enabled: Flag;
  /** A JSON scalar: string, integer, boolean or null. The control value where there are variants. */
  value: Json;
  /** What variants hash with: the imported `django_id` (or uuid), kept for ever so that nobody changes bucket. */
  hash_seed: string;
  created_at: Millis;
  updated_at: Millis;
}

export interface MultivariateStateValuesTable {
  id: Generated<number>;
  uuid: string;
  feature_state_id: number;
  multivariate_option_id: number;
  percentage_allocation: number;
}

/** Addressed by (environment_id, identifier), which every unique key and hot query carries, so that the table distributes. */
export interface IdentitiesTable {
  environment_id: number;
  identifier: string;
  id: Generated<number>;
  /** JSON object, trait key to string, number or boolean. A whole float keeps its fraction ("2.0"). */
  traits: Json;
  /** Whether identity_overrides holds rows for it; saves the hot path its second query. */
  has_overrides: Flag;
  created_at: Millis;
  /** Whole days since 1970, UTC. */
  last_seen_day: number;
}

export interface IdentityOverridesTable {
  environment_id: number;
  identifier: string;
  feature_id: number;
  id: Generated<number>;
  uuid: string;
  enabled: Flag;
  value: Json;
  hash_seed: string;
  /** JSON list of {id, uuid, option_id, percentage_allocation}. */
  variants: Json;
  created_at: Millis;
  updated_at: Millis;
  /** In the words of whoever set it. */
  reason: string | null;
  /** "user:12", "key:5"; who wrote it last. null for what is older than this column, and for what was imported. */
  updated_by: string | null;
  /** From then on it does not apply. */
  expires_at: Millis | null;
  /** Its end has come and was announced: from then on, whatever a clock says. */
  is_expired: Generated<Flag>;
}

/** One row a change, written in the transaction of the change. */
export interface AuditTable {
  id: Generated<number>;
  created_at: Millis;
  organisation_id: number | null;
  project_id: number | null;
  environment_id: number | null;
  /** The environment's (or null) revision this change made. */
  revision: number | null;
  /** "cli", "user:12", "key:5"; who did it. */
  actor: string;
  request_id: string | null;
  /** Of the client; null for commands, and where it is not known. */
  address: string | null;
  action: "CREATE" | "UPDATE" | "DELETE";
  /** The noun: "feature", "segment", "environment", … */
  object_type: string;
  object_id: string;
  /** One sentence for people. */
  log: string;
  before: Json | null;
  after: Json | null;
}

/** What an audit entry is about, for "everything that happened to this identity (feature, person)". */
export interface AuditSubjectsTable {
  audit_id: number;
  /** "feature", "identity", "segment", … */
  subject_type: string;
  /** Its id; an identity's is ENVIRONMENT_ID:IDENTIFIER. */
  subject_id: string;
}

/** SDK analytics v1 and v2, added up per feature and day. */
export interface FeatureUsageTable {
  environment_id: number;
  feature_id: number;
  /** Whole days since 1970, UTC. */
  day: number;
  /** "flagsmith-js-sdk/9.0.0", or "" when unknown. */
  sdk: string;
  /** 0 or 1 as analytics v2 reports it, -1 from v1, which does not say. */
  enabled: number;
  count: number;
}

/** Requests per environment, resource, SDK and day. */
export interface RequestUsageTable {
  environment_id: number;
  resource: string;
  day: number;
  sdk: string;
  count: number;
}

/** What SDKs report beside evaluations; kept for 90 days. */
export interface EventsTable {
  id: Generated<number>;
  environment_id: number;
  received_at: Millis;
  /** When the client says it happened. */
  occurred_at: Millis;
  event: string;
  feature_name: string | null;
  identifier: string | null;
  value: Json | null;
  traits: Json | null;
  metadata: Json | null;
}

export interface Tables extends AdminTables, AccountTables, JobTables, SearchTables, WebhookTables {
  organisations: OrganisationsTable;
  projects: ProjectsTable;
  environments: EnvironmentsTable;
  environment_keys: EnvironmentKeysTable;
  features: FeaturesTable;
  multivariate_options: MultivariateOptionsTable;
  segments: SegmentsTable;
  feature_segments: FeatureSegmentsTable;
  feature_transfers: FeatureTransfersTable;
  feature_states: FeatureStatesTable;
  multivariate_state_values: MultivariateStateValuesTable;
  identities: IdentitiesTable;
  identity_overrides: IdentityOverridesTable;
  audit: AuditTable;
  audit_subjects: AuditSubjectsTable;
  feature_usage: FeatureUsageTable;
  request_usage: RequestUsageTable;
  events: EventsTable;
}
