import type { Scalar } from "./operand.ts";

export type Metadata = Readonly<Record<string, unknown>>;

/** How one flag came out. Frozen, and the same object for the same decision of one compiled environment. */
export interface FlagResult {
  readonly name: string;
  readonly enabled: boolean;
  readonly value: Scalar;
  /** `DEFAULT`, `TARGETING_MATCH; segment=<name>` or `SPLIT; weight=<percent>`. */
  readonly reason: string;
  /** The variant's key; "control" where no variant's share was hit; null for a plain flag or nobody to split by. */
  readonly variant: string | null;
  /** Of the feature state that won, not of the feature. Absent if empty. */
  readonly metadata?: Metadata;
}

export interface SegmentResult {
  readonly name: string;
  readonly metadata?: Metadata;
}

export interface EvaluationResult {
  flags: Record<string, FlagResult>;
  /** Segments the identity is in, in the order they were given. */
  segments: SegmentResult[];
}

export const DEFAULT_REASON = "DEFAULT";

export function targetingReason(segmentName: string): string {
  return `TARGETING_MATCH; segment=${segmentName}`;
}

/** The weight prints as JavaScript prints the number: 30, 33.3. */
export function splitReason(weight: number): string {
  return `SPLIT; weight=${weight}`;
}

export const IDENTITY_OVERRIDES = "identity_overrides";

/** What `result.segments` ends with when overrides of the identity itself apply. */
export const IDENTITY_OVERRIDES_RESULT: SegmentResult = Object.freeze({
  name: IDENTITY_OVERRIDES,
  metadata: Object.freeze({ source: IDENTITY_OVERRIDES }),
});
