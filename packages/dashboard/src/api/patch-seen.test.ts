import { expect, test } from "bun:test";
import { changedFields, conflictOf } from "./patch-seen.ts";

const seen = { name: "Shop", description: null, limit: 5 };

test("only what was changed of what was seen is written", () => {
  expect(changedFields(seen, { name: "Shop", description: "For all", limit: 5 })).toEqual({ description: "For all" });
  expect(changedFields(seen, { name: "Shop", description: null })).toEqual({});
});

test("another's change of the same field is a conflict, of another field it is none", () => {
  expect(conflictOf(seen, { ...seen, limit: 9 }, { name: "Store" })).toBeUndefined();
  expect(conflictOf(seen, { ...seen, name: "Store" }, { name: "Store" })).toBeUndefined();
  expect(conflictOf(seen, { ...seen, name: "Market" }, { name: "Store" })).toContain("the name to “Market”");
});
