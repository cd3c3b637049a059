/** What an environment document would create, as rows; nothing here touches the database. */
import { randomUUID } from "node:crypto";
import type { EnvironmentDocument, FeatureState, MultivariateValue } from "@burgee/engine";
import type { ImportProblem } from "./import-problems.ts";

export interface PlannedFeature {
  readonly id: number;
  readonly name: string;
  readonly type: "STANDARD" | "MULTIVARIATE";
  readonly isServerKeyOnly: boolean;
  readonly path: string;
}

export interface PlannedOption {
  readonly id: number;
  readonly featureId: number;
  readonly value: string;
  readonly key: string | null;
  readonly percentage: number;
  readonly path: string;
}

export interface PlannedState {
  readonly featureId: number;
  /** null = environment default. */
  readonly segmentId: number | null;
  readonly priority: number | null;
  readonly id: number | null;
  readonly uuid: string;
  readonly hashSeed: string;
  readonly enabled: number;
  readonly value: string;
  readonly variants: readonly MultivariateValue[];
  readonly path: string;
}

export interface PlannedOverride extends PlannedState {
  readonly identifier: string;
}

export interface PlannedIdentity {
  readonly identifier: string;
  readonly id: number | null;
  readonly createdAt: number | null;
  readonly path: string;
}

export interface ImportPlan {
  readonly document: EnvironmentDocument;
  readonly features: readonly PlannedFeature[];
  readonly options: readonly PlannedOption[];
  readonly states: readonly PlannedState[];
  readonly identities: readonly PlannedIdentity[];
  readonly overrides: readonly PlannedOverride[];
  /** Overrides of features that are no more; evaluation ignores them, so they are left out. */
  readonly skipped: readonly ImportProblem[];
}

const WEAKEST_PRIORITY = 2_147_483_647;

function planState(state: FeatureState, segmentId: number | null, path: string): PlannedState {
  const uuid = state.featurestate_uuid ?? randomUUID();
  return {
    featureId: state.feature.id,
    segmentId,
    priority: segmentId === null ? null : (state.feature_segment?.priority ?? WEAKEST_PRIORITY),
    id: state.django_id ?? null,
    uuid,
    hashSeed: state.django_id === null || state.django_id === undefined ? uuid : String(state.django_id),
    enabled: state.enabled ? 1 : 0,
    value: JSON.stringify(state.feature_state_value ?? null),
    variants: [...(state.multivariate_feature_state_values ?? [])],
    path,
  };
}

interface Gathered {
  readonly features: Map<number, PlannedFeature>;
  readonly options: Map<number, PlannedOption>;
}

function gather(gathered: Gathered, planned: PlannedState): void {
  for (const [i, variant] of planned.variants.entries()) {
    const { id, value, key } = variant.multivariate_feature_option;
    if (gathered.options.has(id)) continue;
    gathered.options.set(id, {
      id,
      featureId: planned.featureId,
      value: JSON.stringify(value ?? null),
      key: key ?? null,
      percentage: variant.percentage_allocation,
      path: `${planned.path}.multivariate_feature_state_values[${i}].multivariate_feature_option`,
    });
  }
}

export function planImport(document: EnvironmentDocument): ImportPlan {
  const serverOnly = new Set(document.project.server_key_only_feature_ids ?? []);
  const gathered: Gathered = { features: new Map(), options: new Map() };
  const states: PlannedState[] = [];
  const skipped: ImportProblem[] = [];

  const take = <P extends PlannedState>(planned: P, list: P[]): boolean => {
    if (!gathered.features.has(planned.featureId)) {
      skipped.push({ path: planned.path, message: `feature ${planned.featureId} is not among feature_states` });
      return false;
    }
    gather(gathered, planned);
    list.push(planned);
    return true;
  };

  for (const [i, state] of document.feature_states.entries()) {
    const path = `feature_states[${i}]`;
    const { id, name } = state.feature;
    const isMultivariate = state.feature.type === "MULTIVARIATE" || state.multivariate_feature_state_values?.length > 0;
    const type = isMultivariate ? "MULTIVARIATE" : "STANDARD";
    gathered.features.set(id, { id, name, type, isServerKeyOnly: serverOnly.has(id), path: `${path}.feature` });
    take(planState(state, null, path), states);
  }
  for (const [i, segment] of document.project.segments.entries()) {
    for (const [j, state] of (segment.feature_states ?? []).entries()) {
      take(planState(state, segment.id, `project.segments[${i}].feature_states[${j}]`), states);
    }
  }
  const identities: PlannedIdentity[] = [];
  const overrides: PlannedOverride[] = [];
  for (const [i, identity] of (document.identity_overrides ?? []).entries()) {
    const path = `identity_overrides[${i}]`;
    const created = Date.parse(identity.created_date ?? "");
    const { identifier } = identity;
    identities.push({ identifier, id: identity.django_id ?? null, createdAt: created || null, path });
    for (const [j, state] of identity.identity_features.entries()) {
      take({ ...planState(state, null, `${path}.identity_features[${j}]`), identifier }, overrides);
    }
  }
  return {
    document,
    features: [...gathered.features.values()],
    options: [...gathered.options.values()],
    states,
    identities,
    overrides,
    skipped,
  };
}
