/** Two environments' features beside each other: pure. */

import type { FlagValue } from "../../components/value-format.ts";
import type { Flag } from "../features/feature-queries.ts";
import { type Feature, type FlagPatch, servedValue, writtenValue } from "../features/feature-queries.ts";

export interface Side {
  readonly enabled: boolean;
  readonly value: FlagValue;
  readonly segments: number;
}

export interface Pair {
  readonly id: number;
  readonly name: string;
  readonly left: Side;
  readonly right: Side;
  /** In state or value: what can be copied. */
  readonly isChanged: boolean;
}

const sideOf = (feature: Feature): Side => ({
  enabled: feature.environment_feature_state?.enabled ?? false,
  value: feature.environment_feature_state?.feature_state_value ?? null,
  segments: feature.num_segment_overrides,
});

const isSame = (one: Pick<Side, "enabled" | "value">, other: Pick<Side, "enabled" | "value">): boolean =>
  one.enabled === other.enabled && one.value === other.value;

/** What differs first, by name otherwise. What only one side has heard of was made a moment ago and is left out. */
export function pairsOf(left: readonly Feature[], right: readonly Feature[]): Pair[] {
  const there = new Map(right.map((feature) => [feature.id, feature]));
  const pairs = left.flatMap((feature): Pair[] => {
    const other = there.get(feature.id);
    if (!other) return [];
    const sides = { left: sideOf(feature), right: sideOf(other) };
    return [{ id: feature.id, name: feature.name, ...sides, isChanged: !isSame(sides.left, sides.right) }];
  });
  return pairs.sort((a, b) => Number(b.isChanged) - Number(a.isChanged) || a.name.localeCompare(b.name));
}

/** The least that makes `before` as `wanted`. There is no writing "no value": it becomes the empty text. */
export function patchOf(before: Side, wanted: Side): FlagPatch {
  return {
    environment_default: {
      ...(before.enabled !== wanted.enabled && { enabled: wanted.enabled }),
      ...(before.value !== wanted.value && { value: writtenValue(wanted.value) }),
    },
  };
}

/** Whether the target is still what its page showed. */
export const isAsSeen = ({ environment_default: now }: Flag, seen: Side): boolean =>
  isSame({ enabled: now.enabled, value: servedValue(now.value) }, seen);
