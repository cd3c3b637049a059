/**
 * Environment documents from a few words. Ids are made from the environment's id, so that several documents fit into one database
 * and a test can name the id it expects: environment 3 has feature ids 3001…, state ids 3101…, segments 3201… and so on.
 */

export type Value = string | number | boolean | null;

export interface VariantInput {
  readonly key: string | null;
  readonly value: Value;
  readonly weight: number;
}

export interface StateInput {
  readonly enabled?: boolean;
  readonly value?: Value;
  readonly variants?: readonly VariantInput[];
}

export interface FeatureInput extends StateInput {
  readonly name: string;
  readonly serverKeyOnly?: boolean;
}

export interface OverrideInput extends StateInput {
  readonly feature: string;
  readonly priority?: number;
}

export interface ConditionInput {
  readonly property: string;
  readonly operator: string;
  readonly value: string | readonly unknown[] | null;
}

export interface RuleInput {
  readonly type: string;
  readonly conditions?: readonly ConditionInput[];
  readonly rules?: readonly RuleInput[];
}

export interface SegmentInput {
  readonly name: string;
  /** All must hold. Short for one ALL rule; `rules` says it in full. */
  readonly conditions?: readonly ConditionInput[];
  readonly rules?: readonly RuleInput[];
  readonly overrides?: readonly OverrideInput[];
}

export interface IdentityInput {
  readonly identifier: string;
  readonly overrides: readonly OverrideInput[];
}

export interface DocumentInput {
  readonly id?: number;
  readonly apiKey?: string;
  readonly name?: string;
  /** Members of the document as they are, `hide_sensitive_data` for one. */
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly project?: Readonly<Record<string, unknown>>;
  readonly organisation?: Readonly<Record<string, unknown>>;
  readonly features?: readonly FeatureInput[];
  readonly segments?: readonly SegmentInput[];
  readonly identities?: readonly IdentityInput[];
}

export const clientKey = (id = 1): string => `client-key-${id}`;
export const serverKey = (id = 1): string => `ser.server-key-${id}`;

const uuid = (id: number, group = "8000"): string => `00000000-0000-4000-${group}-${String(id).padStart(12, "0")}`;

function rule({ type, conditions = [], rules = [] }: RuleInput): Record<string, unknown> {
  return {
    type,
    conditions: conditions.map(({ property, operator, value }) => ({ property_: property, operator, value })),
    rules: rules.map(rule),
  };
}

/** As Flagsmith's dashboard writes segments: one ALL rule that holds the others. */
function segmentRules({ rules, conditions = [] }: SegmentInput): unknown[] {
  if (rules) return rules.map(rule);
  return [rule({ type: "ALL", rules: [{ type: "ALL", conditions }] })];
}

export function buildDocument(input: DocumentInput = {}) {
  const { id = 1, features = [], segments = [], identities = [] } = input;
  const base = id * 1000;
  let lastState = base + 100;
  let lastVariant = base + 500;

  const featureOf = (name: string) => {
    const index = features.findIndex((feature) => feature.name === name);
    const feature = features[index];
    if (!feature) throw new Error(`the document has no feature "${name}"`);
    return { id: base + 1 + index, name, type: feature.variants?.length ? "MULTIVARIATE" : "STANDARD" };
  };

  // Options belong to a feature, so an override's variant with a known value and key is the same option.
  const options = new Map<string, number>();
  const variant = (feature: string, { key, value, weight }: VariantInput) => {
    const name = JSON.stringify([feature, key, value]);
    const option = options.get(name) ?? base + 801 + options.size;
    options.set(name, option);
    lastVariant += 1;
    return {
      id: lastVariant,
      mv_fs_value_uuid: uuid(lastVariant, "a000"),
      percentage_allocation: weight,
      multivariate_feature_option: { id: option, key, value },
    };
  };

  const state = (name: string, { enabled = false, value = null, variants = [] }: StateInput, priority?: number) => {
    lastState += 1;
    return {
      feature: featureOf(name),
      enabled,
      django_id: lastState,
      featurestate_uuid: uuid(lastState),
      feature_segment: priority === undefined ? null : { priority },
      feature_state_value: value,
      multivariate_feature_state_values: variants.map((item) => variant(name, item)),
    };
  };

  const apiKey = input.apiKey ?? clientKey(id);
  return {
    id,
    api_key: apiKey,
    name: input.name ?? `Environment ${id}`,
    updated_at: "2024-01-02T03:04:05.678000+00:00",
    allow_client_traits: true,
    hide_sensitive_data: false,
    hide_disabled_flags: null,
    use_identity_composite_key_for_hashing: true,
    use_identity_overrides_in_local_eval: true,
    ...input.environment,
    feature_states: features.map((feature) => state(feature.name, feature)),
    project: {
      id,
      name: `Project ${id}`,
      hide_disabled_flags: false,
      enable_realtime_updates: true,
      server_key_only_feature_ids: features.flatMap((feature, i) => (feature.serverKeyOnly ? [base + 1 + i] : [])),
      ...input.project,
      organisation: {
        id,
        name: `Organisation ${id}`,
        feature_analytics: false,
        stop_serving_flags: false,
        persist_trait_data: true,
        ...input.organisation,
      },
      segments: segments.map((segment, i) => ({
        id: base + 201 + i,
        name: segment.name,
        rules: segmentRules(segment),
        feature_states: (segment.overrides ?? []).map((override) =>
          state(override.feature, override, override.priority ?? 0),
        ),
      })),
    },
    identity_overrides: identities.map(({ identifier, overrides }, i) => ({
      identifier,
      environment_api_key: apiKey,
      created_date: "2024-01-02T03:04:05.678000+00:00",
      django_id: base + 701 + i,
      identity_uuid: uuid(base + 701 + i),
      dashboard_alias: null,
      composite_key: `${apiKey}_${identifier}`,
      identity_traits: [],
      identity_features: overrides.map((override) => state(override.feature, override)),
    })),
  };
}
