import { type Choice, type Outcome, settle } from "./choice.ts";
import { compileContext, type EvaluationContext } from "./context.ts";
import { COMPILED, CONTEST_HEADER, type CompiledEnvironment, type Core } from "./core.ts";
import type { DocumentSegment } from "./document.ts";
import { choicesFor, hasOverrides, type Identity, isIdentity, subjectOf, subjectOfContext } from "./identity.ts";
import { setOwn } from "./json.ts";
import { isInSegment } from "./plan.ts";
import { type EvaluationResult, type FlagResult, IDENTITY_OVERRIDES_RESULT, type SegmentResult } from "./result.ts";
import type { CompiledSegment } from "./segments.ts";
import type { Subject } from "./subject.ts";

/**
 * Evaluates every feature: identity override, else the matching segment override of the lowest priority, else the
 * environment's default; then a variant by the identity's hash. Total: malformed input matches nothing, throws
 * nothing.
 *
 * With a compiled document, no identity means the environment's own flags, segments aside. With a context, segments
 * are evaluated even without an identity, as Flagsmith's Python engine does.
 */
export function evaluate(context: EvaluationContext): EvaluationResult;
export function evaluate(compiled: CompiledEnvironment, identity?: Identity | null): EvaluationResult;
export function evaluate(
  subject: EvaluationContext | CompiledEnvironment,
  identity?: Identity | null,
): EvaluationResult {
  return isCompiled(subject) ? evaluateCompiled(subject, identity ?? null) : evaluateContext(subject);
}

/**
 * The hot path below `evaluate`: one outcome for each feature, in the order of `compiled.features`. Only segments
 * that could decide a feature are looked at. Without an identity: the environment's defaults.
 */
export function decide(compiled: CompiledEnvironment, identity: Identity | null): Outcome[] {
  if (!isIdentity(identity)) return compiled.defaults.slice();
  return decideFor(compiled, subjectOf(compiled, identity), identity);
}

/** The document's segments the identity is in, in document order. */
export function matchSegments(compiled: CompiledEnvironment, identity: Identity): DocumentSegment[] {
  if (!isIdentity(identity)) return [];
  const subject = subjectOf(compiled, identity);
  return compiled.segments.flatMap((segment) =>
    segment.segment !== null && isInSegment(segment.index, subject) ? [segment.segment] : [],
  );
}

function evaluateContext(context: EvaluationContext): EvaluationResult {
  const core = compileContext(context);
  const subject = subjectOfContext(core, context);
  return { flags: flagsOf(core, settleAll(core, subject)), segments: segmentsOf(core, subject) };
}

function evaluateCompiled(compiled: CompiledEnvironment, identity: Identity | null): EvaluationResult {
  if (!isIdentity(identity)) return { flags: flagsOf(compiled, compiled.defaults), segments: [] };
  const subject = subjectOf(compiled, identity);
  const segments = segmentsOf(compiled, subject);
  if (hasOverrides(compiled, identity)) segments.push(IDENTITY_OVERRIDES_RESULT);
  return { flags: flagsOf(compiled, decideFor(compiled, subject, identity)), segments };
}

function decideFor(compiled: CompiledEnvironment, subject: Subject, identity: Identity): Outcome[] {
  const outcomes = settleAll(compiled, subject);
  for (const { feature, choice } of choicesFor(compiled, identity)) outcomes[feature] = settle(choice, subject.key);
  return outcomes;
}

/** Segment overrides and defaults. Contenders are in order of strength, so the first whose segment matches has won. */
function settleAll({ defaults, contests, choices }: Core, subject: Subject): Outcome[] {
  const outcomes = defaults.slice();
  for (let at = 0, end = 0; at < contests.length; at = end) {
    end = contests[at + 1] as number;
    let chosen = contests[at + 2] as number;
    for (let contender = at + CONTEST_HEADER; contender < end; contender += 2) {
      if (isInSegment(contests[contender] as number, subject)) {
        chosen = contests[contender + 1] as number;
        break;
      }
    }
    outcomes[contests[at] as number] = settle(choices[chosen] as Choice, subject.key);
  }
  return outcomes;
}

function segmentsOf(core: Core, subject: Subject): SegmentResult[] {
  const results: SegmentResult[] = [];
  for (let index = 0; index < core.segments.length; index += 1) {
    if (isInSegment(index, subject)) results.push((core.segments[index] as CompiledSegment).result);
  }
  return results;
}

function flagsOf({ defaults, defaultFlags }: Core, outcomes: readonly Outcome[]): Record<string, FlagResult> {
  // Copying an object of one hidden class is several times faster than filling one, but engines keep such classes only
  // for objects that are not too large.
  const isCopied = defaults.length <= MAX_COPIED;
  const flags: Record<string, FlagResult> = isCopied ? { ...defaultFlags } : {};
  for (let index = 0; index < outcomes.length; index += 1) {
    const outcome = outcomes[index] as Outcome;
    if (!isCopied || outcome !== defaults[index]) setOwn(flags, outcome.flag.name, outcome.flag);
  }
  return flags;
}

const MAX_COPIED = 120;

/** Whether this came from `compile`; anything else is read as a context. */
export function isCompiled(subject: EvaluationContext | CompiledEnvironment): subject is CompiledEnvironment {
  return typeof subject === "object" && subject !== null && COMPILED in subject;
}
