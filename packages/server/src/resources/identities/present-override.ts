/** An identity's override as Flagsmith shows a feature state, and a feature's effective value with who decided it. */
import type { Outcome } from "@burgee/engine";
import { isoMicros } from "../../documents/load.ts";
import type { OverrideRecord } from "./overrides.store.ts";

export interface StoredVariant {
  readonly id: number;
  readonly option_id: number;
  readonly percentage_allocation: number;
}

export const variantsOf = (row: OverrideRecord) => JSON.parse(row.variants) as StoredVariant[];

export function presentOverride<I>(row: OverrideRecord, identity: I) {
  return {
    id: row.id,
    uuid: row.uuid,
    feature: row.feature_id,
    enabled: row.enabled === 1,
    feature_state_value: JSON.parse(row.value) as unknown,
    multivariate_feature_state_values: variantsOf(row).map((variant) => ({
      id: variant.id,
      multivariate_feature_option: variant.option_id,
      percentage_allocation: variant.percentage_allocation,
    })),
    environment: row.environment_id,
    identity,
    feature_segment: null,
    change_request: null,
    environment_feature_version: null,
    created_at: isoMicros(row.created_at, "Z"),
    updated_at: isoMicros(row.updated_at, "Z"),
    live_from: isoMicros(row.created_at, "Z"),
    deleted_at: null,
    version: 1,
  };
}

/** For the audit log: with what it takes to put the very same override back. */
export const auditedOverride = (row: OverrideRecord, identity: number) => ({
  ...presentOverride(row, identity),
  reason: row.reason,
  expires_at: row.expires_at === null ? null : isoMicros(row.expires_at, "Z"),
  hash_seed: row.hash_seed,
});

export function presentEffective({ flag, state, source, segment }: Outcome) {
  return {
    feature: state.feature,
    enabled: flag.enabled,
    feature_state_value: flag.value,
    overridden_by: source === "identity" ? "IDENTITY" : source === "segment" ? "SEGMENT" : null,
    segment: source === "segment" && segment ? { id: segment.id, name: segment.name } : null,
    multivariate_feature_state_values: state.multivariate_feature_state_values.map((value) => ({
      multivariate_feature_option: { value: value.multivariate_feature_option.value },
      percentage_allocation: value.percentage_allocation,
    })),
  };
}
