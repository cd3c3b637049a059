/** An evaluation context as the environment document that would have led to it, so that a published case can be asked over HTTP. */
import { conditionOperators } from "../packages/contract/src/document/index.ts";

export interface ContextVariant {
  readonly key?: string | null;
  readonly value: unknown;
  readonly weight: number;
  readonly priority: number;
}

export interface ContextFeature {
  readonly key: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly value: unknown;
  readonly priority?: number | null;
  readonly variants?: readonly ContextVariant[];
}

interface ContextCondition {
  readonly property: string;
  readonly operator: string;
  readonly value: string | string[] | null;
}

interface ContextRule {
  readonly type: string;
  readonly conditions?: readonly ContextCondition[];
  readonly rules?: readonly ContextRule[];
}

interface ContextIdentity {
  readonly identifier: string;
  readonly key?: string;
  readonly traits?: Record<string, unknown>;
}

export interface Context {
  readonly environment: { readonly key: string; readonly name: string };
  readonly identity?: ContextIdentity | null;
  readonly features?: Readonly<Record<string, ContextFeature>>;
  readonly segments?: Readonly<
    Record<
      string,
      {
        readonly key: string;
        readonly name: string;
        readonly rules: readonly ContextRule[];
        readonly overrides?: readonly ContextFeature[];
      }
    >
  >;
}

const MAX_INT = 2 ** 31 - 1;
const isId = (text: string) => /^[1-9]\d*$/.test(text) && Number(text) <= MAX_INT;
const hasSplit = (rule: ContextRule): boolean =>
  (rule.conditions ?? []).some((condition) => condition.operator === "PERCENTAGE_SPLIT") ||
  (rule.rules ?? []).some(hasSplit);

const isComposite = (environmentKey: string, { key, identifier }: ContextIdentity): boolean =>
  !key || key === `${environmentKey}_${identifier}`;
const hasList = (rule: ContextRule): boolean =>
  (rule.conditions ?? []).some(({ operator, value }) => operator !== "IN" && Array.isArray(value)) ||
  (rule.rules ?? []).some(hasList);

const hasUnknownWord = ({ type, conditions = [], rules = [] }: ContextRule): boolean =>
  !["ALL", "ANY", "NONE"].includes(type) ||
  conditions.some(({ operator }) => !(conditionOperators as readonly string[]).includes(operator)) ||
  rules.some(hasUnknownWord);
const hasTwice = (texts: readonly string[]): boolean => new Set(texts).size < texts.length;

/** undefined = it can be asked. Else what a document or the runtime API has no place for. */
export function whyNotOverHttp({ environment, identity, features = {}, segments = {} }: Context): string | undefined {
  if (!identity) return "without an identity, /flags/ leaves segments out by contract";
  if (identity.identifier === "") return "a blank identifier is an anonymous identity on the wire";
  if (!isComposite(environment.key, identity) && !isId(identity.key ?? ""))
    return "a hash key that is no identity's id";
  const overrides = Object.values(segments).flatMap((segment) => segment.overrides ?? []);
  for (const feature of [...Object.values(features), ...overrides]) {
    if (feature.variants?.length && !isId(feature.key)) return "a hash seed of a state that is no id";
    if (
      feature.variants?.some(
        (variant) => !(Number.isInteger(variant.priority) && variant.priority > 0 && variant.priority <= MAX_INT),
      )
    ) {
      return "a variant's priority is its row's id";
    }
    if (!features[feature.name]) return "an override of a feature that is not there is left out by import";
  }
  const keys = Object.values(segments).map((segment) => segment.key);
  if (hasTwice(keys)) return "segments' ids are their own";
  if (hasTwice([...Object.values(features), ...overrides].filter((f) => f.variants?.length).map((f) => f.key))) {
    return "hash seeds are ids of states, which are their own";
  }
  for (const segment of Object.values(segments)) {
    if (segment.rules.some(hasUnknownWord)) return "an operator or rule type that nobody knows is refused by import";
    if (segment.rules.some(hasList)) return "only IN compares with a list";
    if (segment.rules.some(hasSplit) && !isId(segment.key)) return "a split hashes the segment's id, which is a number";
  }
  return undefined;
}

const rule = ({ type, conditions = [], rules = [] }: ContextRule): unknown => ({
  type,
  conditions: conditions.map(({ property, operator, value }) => ({ property_: property, operator, value })),
  rules: rules.map(rule),
});

/**
 * A hash key that is a number is an identity's id in an environment that hashes those. `probes`: a feature for each segment that is on exactly for its members, because the runtime API does not list segments.
 */
export function documentOf({ environment, identity, features = {}, segments = {} }: Context) {
  let nextId = 1_000_000_000;
  const fresh = () => {
    nextId += 1;
    return nextId;
  };
  const ids = new Map(Object.values(features).map((feature, i) => [feature.name, i + 1]));
  const probes = new Map<string, string>();
  const options = new Map<string, number>();

  const state = ({ key, name, enabled, value, priority, variants = [] }: ContextFeature, isOverride: boolean) => ({
    feature: { id: ids.get(name), name, type: variants.length > 0 ? "MULTIVARIATE" : "STANDARD" },
    enabled,
    django_id: variants.length > 0 ? Number(key) : fresh(),
    featurestate_uuid: crypto.randomUUID(),
    feature_segment: isOverride ? { priority: priority ?? null } : null,
    feature_state_value: value,
    multivariate_feature_state_values: variants.map((variant) => {
      const option = JSON.stringify([name, variant.key ?? null, variant.value]);
      if (!options.has(option)) options.set(option, options.size + 1);
      return {
        id: variant.priority,
        mv_fs_value_uuid: crypto.randomUUID(),
        percentage_allocation: variant.weight,
        multivariate_feature_option: { id: options.get(option), key: variant.key ?? null, value: variant.value },
      };
    }),
  });

  const listed = Object.values(segments);
  const own = listed.map((segment, i) => {
    const probe = `probe of segment ${i}`;
    probes.set(probe, segment.name);
    ids.set(probe, 1000 + i);
    const on = { key: "", name: probe, enabled: true, value: null };
    return {
      id: isId(segment.key) ? Number(segment.key) : 2_000_000_000 + i,
      name: segment.name,
      rules: segment.rules.map(rule),
      feature_states: [...(segment.overrides ?? []), on].map((override) => state(override, true)),
    };
  });
  const defaults = Object.values(features).map((feature) => state(feature, false));
  const off = [...probes.keys()].map((name) => state({ key: "", name, enabled: false, value: null }, false));
  const isLegacy = identity ? !isComposite(environment.key, identity) : false;
  const known = {
    identifier: identity?.identifier,
    environment_api_key: environment.key,
    created_date: "2024-01-02T03:04:05.678000+00:00",
    django_id: Number(identity?.key),
    identity_features: [],
  };
  const document = {
    id: 1,
    use_identity_composite_key_for_hashing: !isLegacy,
    api_key: environment.key,
    name: environment.name,
    updated_at: "2024-01-02T03:04:05.678000+00:00",
    feature_states: [...defaults, ...off],
    project: { id: 1, name: "Cases", organisation: { id: 1, name: "Cases" }, segments: own },
    identity_overrides: isLegacy ? [known] : [],
  };
  return { document, probes };
}
