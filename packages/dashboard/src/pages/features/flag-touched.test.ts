import { describe, expect, test } from "bun:test";
import type { Flag } from "./feature-queries.ts";
import { isUntouched } from "./flag-touched.ts";

const served = { enabled: true, value: null, variants: [{ id: 5, weight: 0 }] };
const five = { type: "integer", value: "5" } as const;
const flag: Flag = {
  environment_default: { ...served, enabled: false },
  segment_overrides: [
    { ...served, segment: { id: 1 }, priority: 0 },
    { ...served, segment: { id: 2 }, priority: 1 },
  ],
};
const withDefault = (change: Partial<Flag["environment_default"]>): Flag => ({
  ...flag,
  environment_default: { ...flag.environment_default, ...change },
});

describe("a write is in conflict", () => {
  test("only with the part that it writes", () => {
    const switched = withDefault({ enabled: true });
    expect(isUntouched(flag, switched, { environment_default: { enabled: true } })).toBe(false);
    expect(isUntouched(flag, switched, { environment_default: { value: five } })).toBe(true);
    expect(isUntouched(flag, withDefault({ value: five }), { environment_default: { value: five } })).toBe(false);
    expect(isUntouched(flag, switched, { segment_overrides: [{ segment: { id: 1 }, enabled: false }] })).toBe(true);
  });

  test("not with a variant that was only added", () => {
    const write = { environment_default: { variants: [{ id: 5, weight: 40 }] } };
    expect(isUntouched(withDefault({ variants: [] }), flag, write)).toBe(true);
    expect(isUntouched(flag, withDefault({ variants: [{ id: 5, weight: 10 }] }), write)).toBe(false);
  });

  test("with a segment's override that is gone, or there already, or differs; not with another segment's", () => {
    const fewer = { ...flag, segment_overrides: flag.segment_overrides.slice(1) };
    const write = { segment_overrides: [{ segment: { id: 1 }, enabled: false }] };
    expect(isUntouched(flag, fewer, write)).toBe(false);
    expect(isUntouched(fewer, flag, write)).toBe(false);
    expect(isUntouched(flag, fewer, { segment_overrides: [{ segment: { id: 2 }, enabled: false }] })).toBe(true);
  });

  test("with another order, where it writes one", () => {
    const [first, second] = flag.segment_overrides;
    if (!first || !second) throw new Error("there are two");
    const turned = {
      ...flag,
      segment_overrides: [
        { ...first, priority: 1 },
        { ...second, priority: 0 },
      ],
    };
    expect(isUntouched(flag, turned, { segment_overrides: [{ segment: { id: 1 }, priority: 0 }] })).toBe(false);
    expect(isUntouched(flag, turned, { segment_overrides: [{ segment: { id: 1 }, enabled: false }] })).toBe(true);
  });
});
