import type { FeatureSource } from "./choice.ts";
import { COMPILED, type CompiledEnvironment, createCore, type NamedFeature, type SegmentSource } from "./core.ts";
import { asList, asRecord, byName, isRecord, type JsonRecord } from "./json.ts";
import type { Scalar } from "./operand.ts";
import { pythonText } from "./python-text.ts";
import { MAX_RULE_DEPTH, MAX_RULES } from "./segments.ts";

/** An environment as the SDK API serves it (GET /api/v1/environment-document/). */
export interface EnvironmentDocument {
  readonly id: number;
  /** The client-side key. Hashes of the environment's identities begin with it. */
  readonly api_key: string;
  readonly name: string;
  readonly updated_at: string;
  readonly allow_client_traits: boolean;
  readonly hide_sensitive_data: boolean;
  readonly hide_disabled_flags: boolean | null;
  readonly use_identity_composite_key_for_hashing: boolean;
  readonly use_identity_overrides_in_local_eval: boolean;
  readonly project: DocumentProject;
  /** Environment defaults only. */
  readonly feature_states: readonly FeatureState[];
  readonly identity_overrides: readonly IdentityOverride[];
}

export interface DocumentProject {
  readonly id: number;
  readonly name: string;
  readonly hide_disabled_flags: boolean;
  readonly enable_realtime_updates: boolean;
  readonly server_key_only_feature_ids: readonly number[];
  readonly organisation: {
    readonly id: number;
    readonly name: string;
    readonly feature_analytics: boolean;
    readonly stop_serving_flags: boolean;
    readonly persist_trait_data: boolean;
  };
  readonly segments: readonly DocumentSegment[];
}

export interface DocumentSegment {
  /** Its text is what percentage splits hash. */
  readonly id: number;
  readonly name: string;
  readonly rules: readonly DocumentRule[];
  /** Overrides. */
  readonly feature_states: readonly FeatureState[];
}

export interface DocumentRule {
  readonly type: "ALL" | "ANY" | "NONE";
  readonly rules: readonly DocumentRule[];
  readonly conditions: readonly DocumentCondition[];
}

export interface DocumentCondition {
  readonly operator: string;
  /** null counts as "". */
  readonly property_: string | null;
  /** null counts as "". */
  readonly value: string | null;
}

export interface FeatureState {
  readonly feature: { readonly id: number; readonly name: string; readonly type: string };
  readonly enabled: boolean;
  /** What variants hash. The uuid stands in where it is null. */
  readonly django_id: number | null;
  readonly featurestate_uuid: string;
  /** The control value. */
  readonly feature_state_value: Scalar;
  readonly feature_segment: { readonly priority: number | null } | null;
  readonly multivariate_feature_state_values: readonly MultivariateValue[];
}

export interface MultivariateValue {
  /** Variants are laid out in ascending id; the uuid read as a number stands in where it is null. */
  readonly id: number | null;
  readonly mv_fs_value_uuid: string;
  readonly percentage_allocation: number;
  readonly multivariate_feature_option: { readonly id: number; readonly value: Scalar; readonly key: string | null };
}

export interface IdentityOverride {
  readonly identifier: string;
  readonly environment_api_key: string;
  readonly created_date: string;
  readonly django_id: number | null;
  readonly identity_uuid: string;
  readonly dashboard_alias: string | null;
  readonly composite_key: string;
  readonly identity_traits: readonly unknown[];
  readonly identity_features: readonly FeatureState[];
}

/**
 * Parses a document once for any number of evaluations. Total: whatever is missing or malformed is left out or never
 * matches. The document is kept, not copied, and must not change afterwards; compile a new one and swap it whole.
 */
export function compile(document: EnvironmentDocument): CompiledEnvironment {
  const source = asRecord(document);
  const features = distinct(statesOf(source.feature_states), ({ name }) => name);
  const segments = distinct(segmentsOf(asRecord(source.project).segments), ({ context }) => context.key);
  const environment = { key: pythonText(source.api_key ?? ""), name: source.name ?? "" };
  const core = createCore({
    environmentKey: environment.key,
    features,
    segments,
    identities: identitiesOf(source.identity_overrides),
    view: () => ({
      environment,
      features: byName(features.map(({ name, context }) => [name, context])),
      segments: byName(segments.map(({ context }) => [String(context.key), context])),
    }),
  });
  return { ...core, document, [COMPILED]: true };
}

/** A feature state as a feature of an evaluation context; null if it names no feature. */
export function featureOf(state: unknown): NamedFeature | null {
  const source = asRecord(state);
  const feature = asRecord(source.feature);
  if (typeof feature.name !== "string") return null;
  const variants = asList(source.multivariate_feature_state_values).filter(isRecord);
  const context = {
    key: pythonText(source.django_id ?? source.featurestate_uuid ?? ""),
    name: feature.name,
    enabled: source.enabled,
    value: source.feature_state_value,
    ...(variants.length > 0 && { variants: variants.map(variantOf) }),
    ...priorityOf(source.feature_segment),
    metadata: Object.freeze({ id: feature.id }),
  };
  return { name: feature.name, context, ...originOf(state, variants) };
}

/** The narrowing of what was read above to what it claims to be, for those who keep the document's own objects. */
function originOf(state: unknown, variants: readonly JsonRecord[]): Pick<FeatureSource, "state" | "variants"> {
  return { state: state as FeatureState, variants: variants as unknown as FeatureSource["variants"] };
}

function priorityOf(featureSegment: unknown): { readonly priority?: unknown } {
  const { priority } = asRecord(featureSegment);
  return priority === undefined || priority === null ? {} : { priority };
}

function variantOf(variant: JsonRecord): JsonRecord {
  const option = asRecord(variant.multivariate_feature_option);
  return {
    ...(typeof option.key === "string" && { key: option.key }),
    value: option.value,
    weight: variant.percentage_allocation,
    priority: variant.id ?? uuidNumber(variant.mv_fs_value_uuid),
  };
}

function uuidNumber(uuid: unknown): bigint | null {
  const digits = typeof uuid === "string" ? uuid.replaceAll("-", "") : "";
  return /^[0-9a-fA-F]{32}$/.test(digits) ? BigInt(`0x${digits}`) : null;
}

function statesOf(states: unknown): readonly NamedFeature[] {
  return asList(states)
    .map(featureOf)
    .filter((feature) => feature !== null);
}

function segmentsOf(segments: unknown): readonly SegmentSource[] {
  return asList(segments)
    .filter(isRecord)
    .map((segment) => {
      const overrides = statesOf(segment.feature_states);
      const budget = { left: MAX_RULES };
      const context = {
        key: pythonText(segment.id ?? ""),
        name: segment.name,
        rules: asList(segment.rules).map((rule) => ruleOf(rule, 1, budget)),
        overrides: overrides.map((override) => override.context),
        metadata: Object.freeze({ id: segment.id, source: "api" }),
      };
      return { context, overrides, segment: segment as unknown as DocumentSegment };
    });
}

/**
 * Copies at least as many rules as segments.ts accepts and one more, so that it sees what is too deep or too many; a
 * document that is no tree at all ends here too.
 */
function ruleOf(rule: unknown, depth: number, budget: { left: number }): unknown {
  if (!isRecord(rule)) return rule;
  budget.left -= 1;
  const children = depth > MAX_RULE_DEPTH || budget.left < 0 ? [] : asList(rule.rules);
  return {
    type: rule.type,
    conditions: asList(rule.conditions).map(conditionOf),
    rules: children.map((child) => ruleOf(child, depth + 1, budget)),
  };
}

function conditionOf(condition: unknown): unknown {
  if (!isRecord(condition)) return condition;
  const { operator, property_, value } = condition;
  return { property: property_ ?? "", operator, value: value ?? "" };
}

/** By identifier, exactly as written: an identifier with a comma or all of digits is an identifier like any other. */
function identitiesOf(overrides: unknown): ReadonlyMap<string, readonly NamedFeature[]> {
  const identities = new Map<string, NamedFeature[]>();
  for (const override of asList(overrides)) {
    const { identifier, identity_features } = asRecord(override);
    const features = asList(identity_features);
    if (typeof identifier !== "string" || features.length === 0) continue;
    const known = identities.get(identifier) ?? [];
    known.push(...statesOf(features));
    identities.set(identifier, known);
  }
  return identities;
}

/** Of two with the same key the later counts, in the earlier's place, as in a dictionary. */
function distinct<T>(items: readonly T[], keyOf: (item: T) => unknown): readonly T[] {
  return Array.from(new Map(items.map((item) => [keyOf(item), item])).values());
}
