import { percentage } from "./bucketing.ts";
import { type Outcome, type Split, settle } from "./choice.ts";
import { compileContext, type EvaluationContext } from "./context.ts";
import type { CompiledEnvironment, CompiledFeature, Contender, Core, IdentityChoice } from "./core.ts";
import { isCompiled } from "./evaluate.ts";
import { type SegmentTrace, traceSegment } from "./explain-segment.ts";
import { choicesFor, type Identity, isIdentity, subjectOf, subjectOfContext } from "./identity.ts";
import type { Scalar } from "./operand.ts";
import { isInSegment } from "./plan.ts";
import type { FlagResult } from "./result.ts";
import type { Subject } from "./subject.ts";

/** Why everything came out as `evaluate` says. Plain JSON, and all of it: nothing is cut short. */
export interface Trace {
  /** What splits hash for this identity; null if there is none. */
  readonly identityKey: string | null;
  readonly flags: readonly FlagTrace[];
  /** Every segment, matched or not. Empty where segments do not apply: a compiled document without an identity. */
  readonly segments: readonly SegmentTrace[];
}

export interface FlagTrace {
  readonly name: string;
  /** The very result of `evaluate`, with its reason. */
  readonly result: FlagResult;
  readonly winner: Winner;
  /** How the variant was drawn; null if what won has no variants, or there is no identity. */
  readonly split: SplitTrace | null;
  /** The other overrides of this feature, the strongest first, and why each does not count. */
  readonly lost: readonly LostOverride[];
}

export type Winner = { readonly source: "identity" } | SegmentOverrideTrace | { readonly source: "default" };

export interface SegmentOverrideTrace {
  readonly source: "segment";
  readonly segment: string;
  readonly segmentKey: string;
  /** null: none, which is weaker than any. */
  readonly priority: number | null;
}

export interface LostOverride {
  readonly override: Exclude<Winner, { readonly source: "default" }>;
  readonly because: "not in segment" | "identity override" | "weaker priority" | "equal priority, met later";
}

export interface SplitTrace {
  /** Hashed, joined by ",". */
  readonly ids: readonly string[];
  readonly percentage: number;
  /** In the order they are laid out. If none is hit, the control value is served. */
  readonly variants: readonly ShareTrace[];
}

/** A variant is hit by percentages from `start` up to, not including, `limit`. */
export interface ShareTrace {
  readonly variant: string | null;
  readonly value: Scalar;
  readonly weight: number;
  readonly start: number;
  readonly limit: number;
  readonly hit: boolean;
}

/** Explains what `evaluate` with the same arguments answers. Costs nothing to those who do not ask. Total. */
export function explain(context: EvaluationContext): Trace;
export function explain(compiled: CompiledEnvironment, identity?: Identity | null): Trace;
export function explain(given: EvaluationContext | CompiledEnvironment, identity?: Identity | null): Trace {
  if (!isCompiled(given)) {
    const core = compileContext(given);
    return traceAll(core, subjectOfContext(core, given), []);
  }
  if (isIdentity(identity)) return traceAll(given, subjectOf(given, identity), choicesFor(given, identity));
  const flags = given.features.map((feature) => traceDefault(feature, null));
  return { identityKey: null, flags, segments: [] };
}

function traceAll(core: Core, subject: Subject, own: readonly IdentityChoice[]): Trace {
  return {
    identityKey: subject.key,
    flags: core.features.map((feature) => traceFlag(feature, subject, own)),
    segments: core.segments.map((segment) => traceSegment(segment, subject)),
  };
}

function traceFlag(feature: CompiledFeature, subject: Subject, own: readonly IdentityChoice[]): FlagTrace {
  const mine = own.filter((choice) => choice.feature === feature.index);
  const last = mine.at(-1);
  if (last !== undefined) {
    const earlier = mine
      .slice(0, -1)
      .map((): LostOverride => ({ override: { source: "identity" }, because: "identity override" }));
    const lost = [...earlier, ...feature.contenders.map((contender) => loss(contender, subject, "identity"))];
    return traceWith(
      feature,
      settle(last.choice, subject.key),
      last.choice.split,
      { source: "identity" },
      lost,
      subject.key,
    );
  }
  const winner = feature.contenders.find(({ segment }) => isInSegment(segment.index, subject));
  const lost = feature.contenders
    .filter((other) => other !== winner)
    .map((other) => loss(other, subject, winner ?? null));
  if (winner === undefined) return { ...traceDefault(feature, subject.key), lost };
  const { choice } = winner;
  return traceWith(feature, settle(choice, subject.key), choice.split, overrideOf(winner), lost, subject.key);
}

function traceDefault(feature: CompiledFeature, key: string | null): FlagTrace {
  const { choice } = feature;
  return traceWith(feature, settle(choice, key), choice.split, { source: "default" }, [], key);
}

function traceWith(
  { name }: CompiledFeature,
  outcome: Outcome,
  split: Split | null,
  winner: Winner,
  lost: readonly LostOverride[],
  key: string | null,
): FlagTrace {
  const drawn = split === null || key === null ? null : traceSplit(split, key, outcome);
  return { name, result: outcome.flag, winner, split: drawn, lost };
}

function traceSplit(split: Split, key: string, hit: Outcome): SplitTrace {
  const ids = [split.key, key];
  const variants = split.shares.map(({ outcome, weight, start, limit }) => {
    const { variant, value } = outcome.flag;
    return { variant, value, weight, start, limit, hit: outcome === hit };
  });
  return { ids, percentage: percentage(ids), variants };
}

function loss(contender: Contender, subject: Subject, winner: Contender | "identity" | null): LostOverride {
  const override = overrideOf(contender);
  if (winner === null || !isInSegment(contender.segment.index, subject)) return { override, because: "not in segment" };
  if (winner === "identity") return { override, because: "identity override" };
  const isEqual = contender.priority === winner.priority;
  return { override, because: isEqual ? "equal priority, met later" : "weaker priority" };
}

function overrideOf({ segment, priority }: Contender): SegmentOverrideTrace {
  const known = Number.isFinite(priority) ? priority : null;
  return { source: "segment", segment: segment.name, segmentKey: segment.key, priority: known };
}
