import type { EvaluationContext } from "./context.ts";
import { type Core, createIdentityChoices, type IdentityChoice } from "./core.ts";
import { type FeatureState, featureOf } from "./document.ts";
import { asList, asRecord, isRecord, type JsonRecord } from "./json.ts";
import type { TraitValue } from "./operand.ts";
import { pythonText } from "./python-text.ts";
import type { Subject } from "./subject.ts";

/** Whom flags are evaluated for. */
export interface Identity {
  readonly identifier: string;
  /** What splits hash, used as is. Missing or empty: `<api_key>_<identifier>`. */
  readonly key?: string;
  readonly traits?: Readonly<Record<string, TraitValue>>;
  /** Overrides held elsewhere (a database): they win over the document's for the same feature. */
  readonly overrides?: readonly FeatureState[];
}

/** The subject of an evaluation against a compiled document. */
export function subjectOf(core: Core, identity: Identity): Subject {
  const key = keyOf(core, identity);
  const root = () => {
    const { identifier, key: given } = identity;
    const traits = identity.traits ? { traits: identity.traits } : {};
    // In the order in which SDKs come to have them, for queries that take the first of several.
    const whole = given ? { identifier, key, ...traits } : { identifier, ...traits, key };
    return { ...core.view(), identity: whole };
  };
  return createSubject(core, key, identity.traits, root);
}

/** The subject of an evaluation of a context, whose identity may be missing; `core` is that context compiled. */
export function subjectOfContext(core: Core, context: EvaluationContext): Subject {
  const source = asRecord(context);
  const { identity } = source;
  if (!isIdentity(identity)) return createSubject(core, null, null, () => source);
  const key = keyOf(core, identity);
  const root = () => ({ ...source, identity: identity.key ? identity : { ...identity, key } });
  return createSubject(core, key, identity.traits, root);
}

/** What is known of nobody. An object that names neither identifier nor key is nobody too. */
export function isIdentity(identity: unknown): identity is JsonRecord {
  return isRecord(identity) && ((identity.identifier ?? null) !== null || Boolean(identity.key));
}

function keyOf(core: Core, { identifier, key }: { readonly identifier?: unknown; readonly key?: unknown }): string {
  return key ? pythonText(key) : `${core.environmentKey}_${pythonText(identifier)}`;
}

function createSubject(core: Core, key: string | null, traits: unknown, root: () => object): Subject {
  return {
    key,
    traits: isRecord(traits) ? traits : null,
    root,
    rules: core.rules,
    operands: new Array(core.rules.readers.length),
    conditionAnswers: new Uint8Array(core.rules.conditions.length),
    segmentAnswers: new Uint8Array(core.segments.length),
  };
}

const NO_CHOICES: readonly IdentityChoice[] = [];

/** The document's overrides for this identity, and then its own, which win by coming later. Usually none. */
export function choicesFor(core: Core, identity: Identity): readonly IdentityChoice[] {
  const known = core.identities.get(identity.identifier) ?? NO_CHOICES;
  const own = asList(identity.overrides);
  if (own.length === 0) return known;
  const features = own.map(featureOf).filter((feature) => feature !== null);
  return [...known, ...createIdentityChoices(features, core.featureIndex, (outcome) => ({ index: -1, ...outcome }))];
}

/** Whether any override names this identity, even one for a feature that the environment does not have. */
export function hasOverrides(core: Core, identity: Identity): boolean {
  return core.identities.has(identity.identifier) || asList(identity.overrides).length > 0;
}
