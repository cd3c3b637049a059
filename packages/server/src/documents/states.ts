/** Feature states as documents spell them, made from rows; and what else the wire shows of a state. */
import type { FeatureState, MultivariateValue, Scalar } from "@burgee/engine";
import type { IdentityOverridesTable } from "../db/tables.ts";
import type { FeatureInfo, OptionInfo } from "./loaded.ts";

export interface StateInfo {
  readonly id: number;
  readonly featureSegmentId: number | null;
}

// Beside the state, not in it: the state goes out in the environment document as it is.
const infos = new WeakMap<FeatureState, StateInfo>();

export const stateInfo = (state: FeatureState): StateInfo | undefined => infos.get(state);

export interface StateRow {
  readonly id: number;
  readonly uuid: string;
  readonly featureSegmentId: number | null;
  /** null for environment defaults and identity overrides. */
  readonly priority: number | null;
  readonly enabled: number;
  readonly value: string;
  readonly hashSeed: string;
  readonly variants: readonly MultivariateValue[];
}

/** A seed that is a number is the document's `django_id`; any other is the state's uuid, which engines fall back to. */
function seedFields(row: StateRow): { django_id: number | null; featurestate_uuid: string } {
  if (/^\d{1,15}$/.test(row.hashSeed)) return { django_id: Number(row.hashSeed), featurestate_uuid: row.uuid };
  return { django_id: null, featurestate_uuid: row.hashSeed };
}

export function toFeatureState(feature: FeatureInfo, row: StateRow): FeatureState {
  const state: FeatureState = {
    feature: { id: feature.id, name: feature.name, type: feature.type },
    enabled: row.enabled === 1,
    ...seedFields(row),
    feature_segment: row.priority === null ? null : { priority: row.priority },
    feature_state_value: JSON.parse(row.value) as Scalar,
    multivariate_feature_state_values: [...row.variants],
  };
  infos.set(state, { id: row.id, featureSegmentId: row.featureSegmentId });
  return state;
}

interface StoredVariant {
  readonly id: number;
  readonly uuid: string;
  readonly option_id: number;
  readonly percentage_allocation: number;
}

export interface OverrideSource {
  readonly features: ReadonlyMap<number, FeatureInfo>;
  readonly options: ReadonlyMap<number, OptionInfo>;
}

export type OverrideRow = Pick<
  IdentityOverridesTable,
  "uuid" | "feature_id" | "enabled" | "value" | "hash_seed" | "variants"
> & { readonly id: number };

/** Whether an override counts now. One without an end costs no look at the clock's number. */
export const applies = (
  row: Pick<IdentityOverridesTable, "expires_at"> & { readonly is_expired: number },
  now: number,
) => row.expires_at === null || (row.is_expired === 0 && row.expires_at > now);

/** undefined when the feature is gone: the override then has nothing to override. */
export function overrideState(source: OverrideSource, row: OverrideRow): FeatureState | undefined {
  const feature = source.features.get(row.feature_id);
  if (!feature) return undefined;
  const variants = (JSON.parse(row.variants) as StoredVariant[]).flatMap((variant) => {
    const option = source.options.get(variant.option_id);
    return option
      ? [
          {
            id: variant.id,
            mv_fs_value_uuid: variant.uuid,
            percentage_allocation: variant.percentage_allocation,
            multivariate_feature_option: option,
          },
        ]
      : [];
  });
  const { id, uuid, enabled, value, hash_seed } = row;
  return toFeatureState(feature, {
    id,
    uuid,
    featureSegmentId: null,
    priority: null,
    enabled,
    value,
    hashSeed: hash_seed,
    variants,
  });
}
