import { type FlagValue, type LifecycleStage, presentTypedValue } from "@burgee/contract/admin";
import { isoMicros } from "../../documents/load.ts";
import type { FeatureRow } from "./features.store.ts";
import type { OptionRow } from "./options.store.ts";
import type { GroupOwner, Owner } from "./owners.store.ts";
import type { StateRow } from "./states.store.ts";

const isoOrNull = (millis: number | null): string | null => (millis === null ? null : isoMicros(millis, "Z"));

const presentNestedOption = (row: OptionRow) => ({
  id: row.id,
  uuid: row.uuid,
  ...presentTypedValue(JSON.parse(row.value) as FlagValue),
  default_percentage_allocation: row.default_percentage_allocation,
  key: row.key,
});

export const presentOption = (row: OptionRow) => ({ ...presentNestedOption(row), feature: row.feature_id });

const presentOwner = ({ last_login_at, ...owner }: Owner) => ({
  id: owner.id,
  email: owner.email,
  first_name: owner.first_name,
  last_name: owner.last_name,
  last_login: isoOrNull(last_login_at),
  uuid: owner.uuid,
});

const presentGroup = ({ id, name }: GroupOwner) => ({ id, name });

const presentSmallState = (row: StateRow | undefined) =>
  row
    ? {
        id: row.id,
        feature_state_value: JSON.parse(row.value) as FlagValue,
        environment: row.environment_id,
        identity: null,
        feature_segment: row.feature_segment_id,
        enabled: row.enabled === 1,
      }
    : null;

export interface Owners {
  readonly owners: readonly Owner[];
  readonly groupOwners: readonly GroupOwner[];
}

export const presentOwnedFeature = (row: FeatureRow, { owners, groupOwners }: Owners) => ({
  id: row.id,
  name: row.name,
  type: row.type,
  description: row.description,
  initial_value: row.initial_value,
  default_enabled: row.default_enabled === 1,
  created_date: isoMicros(row.created_at, "Z"),
  is_server_key_only: row.is_server_key_only === 1,
  owners: owners.map(presentOwner),
  group_owners: groupOwners.map(presentGroup),
});

export interface FeatureDetails extends Owners {
  readonly tags: readonly number[];
  readonly options: readonly OptionRow[];
  readonly stage: LifecycleStage;
  readonly modified: number | null;
  /** What it is in the environment that was asked about. */
  readonly there?: {
    readonly state: StateRow | undefined;
    readonly segmentState: StateRow | undefined;
    readonly segmentOverrides: number;
    readonly identityOverrides: number;
    readonly modified: number | null;
  };
}

export function presentFeature(row: FeatureRow, details: FeatureDetails) {
  const { there } = details;
  return {
    ...presentOwnedFeature(row, details),
    uuid: row.uuid,
    project: row.project_id,
    tags: details.tags,
    multivariate_options: details.options.map(presentNestedOption),
    is_archived: row.is_archived === 1,
    environment_feature_state: presentSmallState(there?.state),
    segment_feature_state: presentSmallState(there?.segmentState),
    num_segment_overrides: there?.segmentOverrides ?? 0,
    num_identity_overrides: there?.identityOverrides ?? null,
    is_num_identity_overrides_complete: true,
    last_modified_in_any_environment: isoOrNull(details.modified),
    last_modified_in_current_environment: isoOrNull(there?.modified ?? null),
    lifecycle_stage: details.stage,
    code_references_counts: [],
    metadata: [],
  };
}

/** For the audit log: what was chosen about it. */
export const auditedFeature = (row: FeatureRow, tags: readonly number[], options: readonly OptionRow[]) => ({
  id: row.id,
  name: row.name,
  type: row.type,
  description: row.description,
  initial_value: row.initial_value,
  default_enabled: row.default_enabled === 1,
  is_archived: row.is_archived === 1,
  is_server_key_only: row.is_server_key_only === 1,
  tags,
  multivariate_options: options.map(presentNestedOption),
});
