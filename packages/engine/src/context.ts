import { type Core, createCore, type NamedFeature, type SegmentSource } from "./core.ts";
import type { FeatureState } from "./document.ts";
import { asList, asRecord, isRecord, type JsonRecord, ownValue } from "./json.ts";
import type { Scalar, TraitValue } from "./operand.ts";
import { pythonText } from "./python-text.ts";
import type { Metadata } from "./result.ts";

/**
 * The evaluation context: environment, identity, segments and features in one value, as Flagsmith's engines define
 * it. This is also the normal form an environment document is brought into (document.ts).
 */
export interface EvaluationContext {
  readonly environment: EnvironmentContext;
  /** Whom to evaluate for. Without one no split and no variant applies, though segments still do. */
  readonly identity?: IdentityContext | null;
  readonly segments?: Readonly<Record<string, SegmentContext>> | null;
  readonly features?: Readonly<Record<string, FeatureContext>> | null;
}

export interface EnvironmentContext {
  readonly key: string;
  readonly name: string;
}

export interface IdentityContext {
  readonly identifier: string;
  /** What splits hash. Missing or empty: `<environment.key>_<identifier>`. */
  readonly key?: string | null;
  readonly traits?: Readonly<Record<string, TraitValue>> | null;
}

export interface FeatureContext {
  /** What variants hash, beside the identity's key. */
  readonly key: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly value: Scalar;
  readonly variants?: readonly VariantContext[] | null;
  /** Of an override: the lowest wins, ties go to the segment met first, missing is weakest. */
  readonly priority?: number | null;
  readonly metadata?: Metadata | null;
}

export interface VariantContext {
  /** The variant's name in results. */
  readonly key?: string | null;
  readonly value: Scalar;
  /** Percent. */
  readonly weight: number;
  /** Variants are laid out in ascending priority, missing last. */
  readonly priority?: number | bigint | null;
}

export interface SegmentContext {
  /** What percentage splits hash, beside their subject. */
  readonly key: string;
  readonly name: string;
  readonly rules: readonly RuleContext[];
  readonly overrides?: readonly FeatureContext[] | null;
  readonly metadata?: Metadata | null;
}

export interface RuleContext {
  readonly type: RuleType;
  readonly conditions?: readonly ConditionContext[] | null;
  readonly rules?: readonly RuleContext[] | null;
}

export type RuleType = "ALL" | "ANY" | "NONE";

export interface ConditionContext {
  /** A trait's name, or a JSONPath that starts with "$.". Blank with PERCENTAGE_SPLIT: the identity's key. */
  readonly property: string;
  readonly operator: string;
  /** A list is understood by IN only. */
  readonly value: string | readonly string[];
}

/** Stands where a document's own feature state would: a context has none, and nobody asks for it. */
const NO_STATE: FeatureState = Object.freeze({
  feature: Object.freeze({ id: 0, name: "", type: "STANDARD" }),
  enabled: false,
  django_id: null,
  featurestate_uuid: "",
  feature_state_value: null,
  feature_segment: null,
  multivariate_feature_state_values: Object.freeze([]),
});

/** Parses a context for one evaluation. Total. Identity overrides come as segments here, like any other. */
export function compileContext(context: EvaluationContext): Core {
  const source = asRecord(context);
  return createCore({
    environmentKey: pythonText(asRecord(source.environment).key ?? ""),
    features: featuresOf(asRecord(source.features)),
    segments: Object.values(asRecord(source.segments)).filter(isRecord).map(segmentOf),
    identities: new Map(),
    view: () => source,
  });
}

/** A feature counts under its own name, and the entry under that name is the one that counts. */
function featuresOf(features: JsonRecord): readonly NamedFeature[] {
  const byName = new Map<string, NamedFeature>();
  for (const [key, value] of Object.entries(features)) {
    if (!isRecord(value)) continue;
    const name = typeof value.name === "string" ? value.name : key;
    const named = ownValue(features, name);
    byName.set(name, { name, context: isRecord(named) ? named : value, state: NO_STATE, variants: [] });
  }
  return Array.from(byName.values());
}

function segmentOf(context: JsonRecord): SegmentSource {
  const overrides = asList(context.overrides)
    .filter(isRecord)
    .flatMap((override): readonly NamedFeature[] => {
      const { name } = override;
      return typeof name === "string" ? [{ name, context: override, state: NO_STATE, variants: [] }] : [];
    });
  return { context, segment: null, overrides };
}
