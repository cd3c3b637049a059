import { describe, expect, test } from "bun:test";
import type { Feature, Flag } from "../features/feature-queries.ts";
import { isAsSeen, pairsOf, patchOf, type Side } from "./pairs.ts";

const feature = (id: number, name: string, enabled: boolean, value: string | number | null = null): Feature =>
  ({
    id,
    name,
    num_segment_overrides: 0,
    environment_feature_state: { enabled, feature_state_value: value },
  }) as Feature;

const side = (enabled: boolean, value: Side["value"]): Side => ({ enabled, value, segments: 0 });

describe("two environments", () => {
  test("what differs comes first, then by name; what one side lacks is left out", () => {
    const left = [feature(1, "a", true), feature(2, "c", true), feature(3, "b", true, 5), feature(4, "new", true)];
    const right = [feature(1, "a", true), feature(2, "c", false), feature(3, "b", true, "5")];
    expect(pairsOf(left, right).map(({ name, isChanged }) => [name, isChanged])).toEqual([
      ["b", true],
      ["c", true],
      ["a", false],
    ]);
  });

  test("only what differs is written", () => {
    expect(patchOf(side(false, "x"), side(true, "x"))).toEqual({ environment_default: { enabled: true } });
    expect(patchOf(side(true, null), side(true, 7))).toEqual({
      environment_default: { value: { type: "integer", value: "7" } },
    });
  });

  test("a target that has changed meanwhile is noticed", () => {
    const now = (enabled: boolean, value: string) =>
      ({
        environment_default: { enabled, value: { type: "string", value } },
        segment_overrides: [],
      }) as unknown as Flag;
    expect(isAsSeen(now(true, "x"), side(true, "x"))).toBe(true);
    expect(isAsSeen(now(true, "y"), side(true, "x"))).toBe(false);
  });
});
