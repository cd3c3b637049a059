import { expect, test } from "bun:test";
import { authorOf, readStored, valueLines } from "./audit-text.ts";

test("what was stored as JSON reads as indented lines, and what is empty is left out", () => {
  const rules = readStored(
    '[{"type":"ALL","rules":[],"conditions":[{"operator":"EQUAL","property_":"plan","value":"pro"}]}]',
  );
  expect(valueLines(rules)).toEqual([
    "- type: ALL",
    "  conditions:",
    "    - operator: EQUAL",
    "      property : plan",
    "      value: pro",
  ]);
  expect(valueLines(true)).toEqual(["yes"]);
  expect(valueLines(null)).toEqual(["nothing"]);
  expect(valueLines([])).toEqual(["none"]);
  expect(valueLines("two\nlines")).toEqual(["two", "lines"]);
  expect(readStored("{broken")).toBe("{broken");
});

test("an author is a person by name, a key, or a part of the program", () => {
  expect(authorOf({ author: { first_name: "Ana", last_name: "Ruiz", email: "a@b" }, actor: "user:1" })).toBe(
    "Ana Ruiz",
  );
  expect(authorOf({ author: { first_name: "", last_name: "", email: "a@b" }, actor: "user:1" })).toBe("a@b");
  expect(authorOf({ author: null, actor: "key:7" })).toBe("key 7");
  expect(authorOf({ author: null, actor: "cli" })).toBe("cli");
});
