import { expect, test } from "bun:test";
import { createRuleMatcher } from "./match-rules.ts";

const place = { id: 1, apiKey: "key", name: "Production", compositeHashKey: true };
const all = (...conditions: { operator: string; property_: string | null; value: string | null }[]) => [
  { type: "ALL" as const, rules: [], conditions },
];

test("traits, identifiers and the environment's name are looked at as in evaluation", () => {
  const isIn = createRuleMatcher(place, {
    segmentId: 0,
    rules: all(
      { operator: "EQUAL", property_: "plan", value: "pro" },
      { operator: "CONTAINS", property_: "$.identity.identifier", value: "@" },
      { operator: "EQUAL", property_: "$.environment.name", value: "Production" },
    ),
  });
  expect(isIn({ id: 1, identifier: "a@b", traits: { plan: "pro" } })).toBe(true);
  expect(isIn({ id: 1, identifier: "ab", traits: { plan: "pro" } })).toBe(false);
  expect(isIn({ id: 1, identifier: "a@b", traits: {} })).toBe(false);
});

test("a share takes about that many, by the segment's id and the environment's way of hashing", () => {
  const rules = all({ operator: "PERCENTAGE_SPLIT", property_: "", value: "30" });
  const people = Array.from({ length: 2000 }, (_, i) => ({ id: i, identifier: `u${i}`, traits: {} }));
  const members = (where: typeof place, segmentId: number) =>
    people.filter(createRuleMatcher(where, { segmentId, rules }));
  const first = members(place, 7);
  expect(first.length).toBeGreaterThan(520);
  expect(first.length).toBeLessThan(680);
  expect(members(place, 8)).not.toEqual(first);
  expect(members({ ...place, compositeHashKey: false }, 7)).not.toEqual(first);
});
