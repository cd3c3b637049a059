/**
 * A staged rollout is a segment of the feature's own whose one condition is a percentage, and an override for it in one
 * environment. Raising the percentage never moves anybody out: who is in is decided by the segment's id, which stays.
 */
import type { Flag, Segment, SegmentOverride } from "./feature-queries.ts";

export interface Rollout {
  readonly segment: Segment;
  readonly override: SegmentOverride;
  readonly percent: number;
  /** A trait's key, or "" for the identity. */
  readonly by: string;
}

export const rolloutRules = (percent: number, by: string) => [
  {
    type: "ALL" as const,
    rules: [],
    conditions: [{ operator: "PERCENTAGE_SPLIT", property: by === "" ? null : by, value: String(percent) }],
  },
];

/** The percentage that is a segment's only condition. */
export function splitOf(segment: Segment): { readonly percent: number; readonly by: string } | undefined {
  const [rule, ...others] = segment.rules;
  if (!rule || others.length > 0 || rule.rules.length > 0 || rule.type === "NONE") return undefined;
  const [condition, ...more] = rule.conditions;
  if (!condition || more.length > 0 || condition.operator !== "PERCENTAGE_SPLIT") return undefined;
  const percent = Number(condition.value);
  return Number.isFinite(percent) ? { percent, by: condition.property ?? "" } : undefined;
}

export function findRollout(featureId: number, flag: Flag, segments: readonly Segment[]): Rollout | undefined {
  const byId = new Map(segments.map((segment) => [segment.id, segment]));
  for (const override of flag.segment_overrides) {
    const segment = byId.get(override.segment.id);
    const split = segment?.feature === featureId ? splitOf(segment) : undefined;
    if (segment && split) return { segment, override, ...split };
  }
  return undefined;
}

export const rolloutName = (feature: string, environment: string): string => `${feature}: rollout in ${environment}`;
