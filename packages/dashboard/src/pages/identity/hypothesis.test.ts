import { expect, test } from "bun:test";
import type { RecordTrait } from "@burgee/contract/admin";
import { askedOf, isNothing, NOTHING, restored, traitsOf, withoutTrait, withTrait } from "./hypothesis.ts";

const plan: RecordTrait = { key: "plan", type: "string", value: "free" };
const stored = [plan, { key: "age", type: "integer", value: 34 } as const];

test("changing, adding and leaving out are asked for together, and nothing else is", () => {
  const changed = withTrait(NOTHING, { ...plan, value: "pro" }, stored);
  const added = withTrait(changed, { key: "beta", type: "boolean", value: true }, stored);
  const all = withoutTrait(added, "age", stored);
  expect(askedOf(all, "ana")).toEqual({
    identifier: "ana",
    traits: { plan: "pro", beta: true },
    remove_traits: ["age"],
  });
  expect(traitsOf(all, stored).map(({ key, state }) => [key, state])).toEqual([
    ["plan", "changed"],
    ["age", "removed"],
    ["beta", "added"],
  ]);
});

test("what is as it is stored again is no hypothesis", () => {
  const changed = withTrait(NOTHING, { ...plan, value: "pro" }, stored);
  expect(isNothing(withTrait(changed, plan, stored))).toBe(true);
  expect(isNothing(restored(changed, "plan"))).toBe(true);
  expect(isNothing(withTrait(withoutTrait(NOTHING, "plan", stored), plan, stored))).toBe(true);
  const added = withTrait(NOTHING, { key: "beta", type: "boolean", value: true }, stored);
  expect(isNothing(withoutTrait(added, "beta", stored))).toBe(true);
});
