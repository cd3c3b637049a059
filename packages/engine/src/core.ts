import { type Choice, createChoice, type FeatureSource, metadataOf, type Outcome } from "./choice.ts";
import type { DocumentSegment, EnvironmentDocument } from "./document.ts";
import { asNumber, byName, type JsonRecord } from "./json.ts";
import { assemble, planOf } from "./plan.ts";
import { pythonText } from "./python-text.ts";
import { DEFAULT_REASON, type FlagResult, IDENTITY_OVERRIDES, targetingReason } from "./result.ts";
import { type CompiledSegment, compileRules, createRuleCompiler, type RuleCompiler } from "./segments.ts";
import type { Ruleset } from "./subject.ts";

/** What an environment document and an evaluation context are both brought into before they are compiled. */
export interface Blueprint {
  readonly environmentKey: string;
  /** In the order of their results; names are distinct. */
  readonly features: readonly NamedFeature[];
  readonly segments: readonly SegmentSource[];
  /** Overrides of single identities, by identifier. */
  readonly identities: ReadonlyMap<string, readonly NamedFeature[]>;
  /** The context without its identity, for JSONPath properties. Asked for only if there are any. */
  readonly view: () => JsonRecord;
}

export interface NamedFeature extends FeatureSource {
  readonly name: string;
}

export interface SegmentSource {
  readonly context: JsonRecord;
  readonly segment: DocumentSegment | null;
  readonly overrides: readonly NamedFeature[];
}

/** Everything evaluation needs, parsed: made once, read by every evaluation. */
export interface Core {
  readonly environmentKey: string;
  readonly features: readonly CompiledFeature[];
  readonly featureIndex: ReadonlyMap<string, number>;
  /** Every way the flags can come out, by `Outcome.index`. */
  readonly outcomes: readonly Outcome[];
  readonly segments: readonly CompiledSegment[];
  /** The environment's defaults with nobody to split by, one for each feature. */
  readonly defaults: readonly Outcome[];
  /** The same by name, to copy results from. */
  readonly defaultFlags: Readonly<Record<string, FlagResult>>;
  /**
   * The features that can come out in another way than their default, as numbers laid out one after the other: the
   * feature, where its entry ends, its default choice, then a segment and its choice for each contender.
   */
  readonly contests: Int32Array;
  /** What `contests` refers to. */
  readonly choices: readonly Choice[];
  readonly identities: ReadonlyMap<string, readonly IdentityChoice[]>;
  readonly rules: Ruleset;
  readonly view: () => JsonRecord;
}

/** Tells a compiled environment from anything JSON could hold. */
export const COMPILED: unique symbol = Symbol("compiled");

/** An environment document, ready for `evaluate` and `decide`. */
export interface CompiledEnvironment extends Core {
  readonly [COMPILED]: true;
  readonly document: EnvironmentDocument;
}

export interface CompiledFeature {
  readonly index: number;
  readonly name: string;
  /** The environment default. */
  readonly choice: Choice;
  /** Overrides by segments, the strongest first. */
  readonly contenders: readonly Contender[];
}

export interface Contender {
  readonly segment: CompiledSegment;
  readonly choice: Choice;
  /** Infinity where the override has none. */
  readonly priority: number;
}

export interface IdentityChoice {
  readonly feature: number;
  readonly choice: Choice;
}

export function createCore(blueprint: Blueprint): Core {
  const outcomes: Outcome[] = [];
  const register = (outcome: Omit<Outcome, "index">): Outcome => {
    const indexed = Object.freeze({ index: outcomes.length, ...outcome });
    outcomes.push(indexed);
    return indexed;
  };
  const compiler = createRuleCompiler();
  const segments = blueprint.segments.map((source, index) => createSegment(source, index, compiler));
  const contenders = collectContenders(blueprint, segments, register);
  const features = blueprint.features.map((feature, index): CompiledFeature => {
    const { name } = feature;
    const choice = createChoice(feature, { name, reason: DEFAULT_REASON, source: "default", segment: null, register });
    return { index, name, choice, contenders: byPriority(contenders.get(name) ?? []) };
  });
  const defaults = features.map((feature) => feature.choice.plain);
  const featureIndex = new Map(features.map(({ name, index }) => [name, index]));
  return {
    environmentKey: blueprint.environmentKey,
    features,
    featureIndex,
    outcomes,
    segments,
    defaults,
    defaultFlags: byName(defaults.map(({ flag }) => [flag.name, flag])),
    ...layOutContests(features),
    identities: createIdentities(blueprint, featureIndex, register),
    rules: {
      readers: compiler.slots.readers,
      conditions: compiler.conditions,
      program: assemble(segments.map((segment) => planOf(segment.rules))),
    },
    view: once(blueprint.view),
  };
}

type Register = (outcome: Omit<Outcome, "index">) => Outcome;

function createSegment({ context, segment }: SegmentSource, index: number, compiler: RuleCompiler): CompiledSegment {
  const key = pythonText(context.key ?? "");
  const name = pythonText(context.name ?? "");
  const metadata = metadataOf(context.metadata);
  const result = Object.freeze(metadata === null ? { name } : { name, metadata });
  const rules = compileRules(context.rules, key, compiler);
  return { index, key, name, segment, result, rules };
}

/** The segments' overrides by feature name, in the order they are met. Unknown features are left out. */
function collectContenders(
  blueprint: Blueprint,
  segments: readonly CompiledSegment[],
  register: Register,
): ReadonlyMap<string, readonly Contender[]> {
  const contenders = new Map<string, Contender[]>(blueprint.features.map(({ name }) => [name, []]));
  for (const [index, source] of blueprint.segments.entries()) {
    const segment = segments[index] as CompiledSegment;
    const placement = {
      reason: targetingReason(segment.name),
      source: "segment",
      segment: source.segment,
      register,
    } as const;
    for (const override of source.overrides) {
      contenders.get(override.name)?.push({
        segment,
        choice: createChoice(override, { name: override.name, ...placement }),
        priority: asNumber(override.context.priority) ?? Number.POSITIVE_INFINITY,
      });
    }
  }
  return contenders;
}

/** Stable, so that of equal priorities the segment met first stays first. */
function byPriority(contenders: readonly Contender[]): readonly Contender[] {
  return contenders.toSorted((a, b) => (a.priority < b.priority ? -1 : a.priority > b.priority ? 1 : 0));
}

function layOutContests(features: readonly CompiledFeature[]): Pick<Core, "contests" | "choices"> {
  const code: number[] = [];
  const choices: Choice[] = [];
  for (const { index, choice, contenders } of features) {
    if (contenders.length === 0 && choice.split === null) continue;
    code.push(index, code.length + CONTEST_HEADER + 2 * contenders.length, choices.push(choice) - 1);
    for (const contender of contenders) code.push(contender.segment.index, choices.push(contender.choice) - 1);
  }
  return { contests: Int32Array.from(code), choices };
}

/** How many numbers stand before the contenders. */
export const CONTEST_HEADER = 3;

function createIdentities(
  blueprint: Blueprint,
  featureIndex: ReadonlyMap<string, number>,
  register: Register,
): ReadonlyMap<string, readonly IdentityChoice[]> {
  const identities = new Map<string, readonly IdentityChoice[]>();
  for (const [identifier, features] of blueprint.identities) {
    identities.set(identifier, createIdentityChoices(features, featureIndex, register));
  }
  return identities;
}

/** Overrides of one identity; of two for the same feature the first counts, unknown features are left out. */
export function createIdentityChoices(
  features: readonly NamedFeature[],
  featureIndex: ReadonlyMap<string, number>,
  register: Register,
): readonly IdentityChoice[] {
  const choices = new Map<number, IdentityChoice>();
  for (const feature of features) {
    const { name } = feature;
    const index = featureIndex.get(name);
    if (index === undefined || choices.has(index)) continue;
    const placement = { name, reason: targetingReason(IDENTITY_OVERRIDES), source: "identity", segment: null } as const;
    choices.set(index, { feature: index, choice: createChoice(feature, { ...placement, register }) });
  }
  return Array.from(choices.values());
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
