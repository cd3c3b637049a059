import { expect, test } from "bun:test";
import type { Flag, Segment } from "./feature-queries.ts";
import { findRollout, rolloutRules } from "./rollout.ts";

const served = { enabled: true, value: null, variants: [] };
const flag: Flag = {
  environment_default: { ...served, enabled: false },
  segment_overrides: [
    { ...served, segment: { id: 1 }, priority: 0 },
    { ...served, segment: { id: 2 }, priority: 1 },
  ],
};
const segment = (id: number, feature: number | null, rules: unknown): Segment =>
  ({ id, feature, rules, name: `s${id}` }) as unknown as Segment;

test("a rollout is the feature's own segment with one percentage, and nothing else is", () => {
  const other = segment(1, null, rolloutRules(20, ""));
  expect(findRollout(7, flag, [other, segment(2, 7, rolloutRules(25, "company"))])).toMatchObject({
    percent: 25,
    by: "company",
    override: { segment: { id: 2 } },
  });
  expect(findRollout(7, flag, [other])).toBeUndefined();
  expect(findRollout(8, flag, [segment(2, 7, rolloutRules(25, ""))])).toBeUndefined();
  const mixed = [
    {
      type: "ALL",
      rules: [],
      conditions: [...(rolloutRules(5, "")[0]?.conditions ?? []), { operator: "IS_SET", property: "a", value: null }],
    },
  ];
  expect(findRollout(7, flag, [segment(2, 7, mixed)])).toBeUndefined();
});
