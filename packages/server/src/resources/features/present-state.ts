import { type FlagValue, presentTypedValue } from "@burgee/contract/admin";
import { isoMicros } from "../../documents/load.ts";
import type { FeatureSegmentRow, NamedFeatureSegment } from "./feature-segments.store.ts";
import type { ShareRow } from "./options.store.ts";
import type { listIdentityOverrides, StateRow } from "./states.store.ts";

const presentShare = (share: ShareRow) => ({
  id: share.id,
  multivariate_feature_option: share.multivariate_option_id,
  percentage_allocation: share.percentage_allocation,
});

const dates = (row: Pick<StateRow, "created_at" | "updated_at">) => ({
  created_at: isoMicros(row.created_at, "Z"),
  updated_at: isoMicros(row.updated_at, "Z"),
  live_from: isoMicros(row.created_at, "Z"),
  deleted_at: null,
});

const unversioned = { change_request: null, environment_feature_version: null, version: 1 };

const heldValue = (row: Pick<StateRow, "value">): FlagValue => JSON.parse(row.value) as FlagValue;

const fieldsOf = (row: StateRow, shares: readonly ShareRow[]) => ({
  id: row.id,
  uuid: row.uuid,
  feature: row.feature_id,
  environment: row.environment_id,
  feature_segment: row.feature_segment_id,
  identity: null,
  enabled: row.enabled === 1,
  multivariate_feature_state_values: shares.map(presentShare),
  ...unversioned,
  ...dates(row),
});

export const presentState = (row: StateRow, shares: readonly ShareRow[]) => ({
  ...fieldsOf(row, shares),
  feature_state_value: heldValue(row),
});

export const presentTypedState = (row: StateRow, shares: readonly ShareRow[]) => ({
  ...fieldsOf(row, shares),
  feature_state_value: presentTypedValue(heldValue(row)),
});

export function presentSegmentOverride(row: StateRow, shares: readonly ShareRow[], segment: FeatureSegmentRow) {
  const { version: _version, environment_feature_version: _none, ...state } = presentTypedState(row, shares);
  const { id, uuid, segment_id, priority } = segment;
  return { ...state, feature_segment: { id, uuid, segment: segment_id, priority } };
}

export const presentFeatureSegment = (row: NamedFeatureSegment) => ({
  id: row.id,
  uuid: row.uuid,
  segment: row.segment_id,
  segment_name: row.segment_name,
  is_feature_specific: row.segment_feature_id !== null,
  environment: row.environment_id,
  priority: row.priority,
});

export const presentCreatedFeatureSegment = (row: FeatureSegmentRow) => ({
  id: row.id,
  uuid: row.uuid,
  feature: row.feature_id,
  segment: row.segment_id,
  environment: row.environment_id,
  priority: row.priority,
});

type IdentityOverride = Awaited<ReturnType<typeof listIdentityOverrides>>["rows"][number];

interface StoredVariant {
  readonly id: number;
  readonly option_id: number;
  readonly percentage_allocation: number;
}

export const presentIdentityOverride = (row: IdentityOverride) => ({
  id: row.id,
  uuid: row.uuid,
  feature: row.feature_id,
  environment: row.environment_id,
  feature_segment: null,
  identity: { id: row.identity_id, identifier: row.identifier },
  enabled: row.enabled === 1,
  feature_state_value: heldValue(row),
  multivariate_feature_state_values: (JSON.parse(row.variants) as StoredVariant[]).map((variant) => ({
    id: variant.id,
    multivariate_feature_option: variant.option_id,
    percentage_allocation: variant.percentage_allocation,
  })),
  ...unversioned,
  ...dates(row),
});

/** For the audit log: what can be changed, so that it can be put back. */
export const auditedState = (row: StateRow, shares: readonly ShareRow[], segment: FeatureSegmentRow | null = null) => ({
  id: row.id,
  feature: row.feature_id,
  environment: row.environment_id,
  feature_segment: row.feature_segment_id,
  ...(segment ? { segment: segment.segment_id, priority: segment.priority } : {}),
  enabled: row.enabled === 1,
  feature_state_value: heldValue(row),
  multivariate_feature_state_values: shares.map(({ multivariate_option_id, percentage_allocation }) => ({
    multivariate_feature_option: multivariate_option_id,
    percentage_allocation,
  })),
});
