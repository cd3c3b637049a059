/** Pure flag evaluation: an environment and an identity in, flags and segments out. No I/O, no clock, no state. */

export { percentage } from "./bucketing.ts";
export type { Outcome } from "./choice.ts";
export type {
  ConditionContext,
  EnvironmentContext,
  EvaluationContext,
  FeatureContext,
  IdentityContext,
  RuleContext,
  RuleType,
  SegmentContext,
  VariantContext,
} from "./context.ts";
export type { CompiledEnvironment, CompiledFeature } from "./core.ts";
export {
  compile,
  type DocumentCondition,
  type DocumentProject,
  type DocumentRule,
  type DocumentSegment,
  type EnvironmentDocument,
  type FeatureState,
  type IdentityOverride,
  type MultivariateValue,
} from "./document.ts";
export { decide, evaluate, matchSegments } from "./evaluate.ts";
export {
  explain,
  type FlagTrace,
  type LostOverride,
  type ShareTrace,
  type SplitTrace,
  type Trace,
  type Winner,
} from "./explain.ts";
export type { ConditionTrace, OperandTrace, RuleTrace, SegmentTrace } from "./explain-segment.ts";
export { type Fault, type FaultCode, findFaults, type WrittenCondition, type WrittenRule } from "./faults.ts";
export type { Identity } from "./identity.ts";
export { type Scalar, type TraitValue, traitText, type WholeFloat } from "./operand.ts";
export type { EvaluationResult, FlagResult, Metadata, SegmentResult } from "./result.ts";
export type { CompiledSegment } from "./segments.ts";
