import { expect, test } from "bun:test";
import { defaultColumns, ordered, toggled } from "./columns.ts";

const trait = (key: string, count: number, is_personal = false) => ({ key, count, is_personal });

test("the commonest traits are shown unless they are personal or cannot stand in an address", () => {
  const traits = [
    trait("email", 99, true),
    trait("a,b", 98),
    trait("plan", 50),
    trait("beta", 5),
    trait("country", 60),
  ];
  expect(defaultColumns(traits)).toEqual(["country", "plan", ".overrides", ".segments", ".last_seen", ".created"]);
});

test("traits stand before what everybody has, once each", () => {
  expect(ordered([".created", "plan", ".overrides", "plan"])).toEqual(["plan", ".overrides", ".created"]);
  expect(toggled(["plan", ".created"], ".segments")).toEqual(["plan", ".segments", ".created"]);
  expect(toggled(["plan", ".created"], "plan")).toEqual([".created"]);
});
