/** Whether somebody else was there meanwhile: only what a patch writes counts, so that two may edit two parts. Pure. */
import type { Flag, FlagPatch, SegmentOverride, Served, ServedPatch } from "./feature-queries.ts";

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A variant without a share and one that is not named are the same: one that was added a moment ago is no edit. */
const sharesOf = (variants: Served["variants"]) =>
  variants
    .filter(({ weight }) => weight > 0)
    .map(({ id, weight }) => [id, weight] as const)
    .sort(([a], [b]) => a - b);

type Parts = Pick<Served, "value" | "variants">;

/** The parts of what is served that `patch` writes. */
export const isPartSame = (base: Parts, now: Parts, patch: Pick<ServedPatch, "value" | "variants">): boolean =>
  (patch.value === undefined || isSame(base.value, now.value)) &&
  (patch.variants === undefined || isSame(sharesOf(base.variants), sharesOf(now.variants)));

const isServedSame = (base: Served, now: Served, patch: ServedPatch): boolean =>
  (patch.enabled === undefined || base.enabled === now.enabled) && isPartSame(base, now, patch);

const orderOf = ({ segment_overrides }: Flag): readonly number[] =>
  [...segment_overrides].sort((a, b) => a.priority - b.priority).map(({ segment }) => segment.id);

/** Whether the parts that a patch touches are as they were when it was written. */
export function isUntouched(base: Flag, now: Flag, patch: FlagPatch): boolean {
  const { environment_default: served, segment_overrides: overrides = [] } = patch;
  if (served && !isServedSame(base.environment_default, now.environment_default, served)) return false;
  if (overrides.some(({ priority }) => priority !== undefined) && !isSame(orderOf(base), orderOf(now))) return false;
  return overrides.every((override) => {
    const of = (flag: Flag): SegmentOverride | undefined =>
      flag.segment_overrides.find(({ segment }) => segment.id === override.segment.id);
    const [before, after] = [of(base), of(now)];
    if (!before || !after) return before === after;
    return isServedSame(before, after, override);
  });
}
