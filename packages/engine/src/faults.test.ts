import { expect, test } from "bun:test";
import fc from "fast-check";
import { findFaults, type WrittenCondition, type WrittenRule } from "./faults.ts";
import { evaluate } from "./index.ts";

const all = (...conditions: WrittenCondition[]): WrittenRule[] => [{ type: "ALL", rules: [], conditions }];
const codesOf = (rules: WrittenRule[]): string[] => findFaults(rules).map(({ code }) => code);

test("rules without a slip have no faults", () => {
  expect(
    findFaults([
      {
        type: "ALL",
        rules: [
          { type: "ANY", conditions: [{ operator: "EQUAL", property: "plan", value: "pro" }] },
          { type: "NONE", conditions: [{ operator: "CONTAINS", property: "email", value: "@acme.com" }] },
        ],
        conditions: [
          { operator: "GREATER_THAN", property: "age", value: "21" },
          { operator: "LESS_THAN", property: "age", value: "60" },
          { operator: "PERCENTAGE_SPLIT", property: "", value: "10" },
          { operator: "GREATER_THAN", property: "version", value: "1.2.3:semver" },
        ],
      },
    ]),
  ).toEqual([]);
});

test("each value that its operator cannot work on is named, with the place", () => {
  expect(findFaults(all({ operator: "REGEX", property: "email", value: "(" }))[0]).toMatchObject({
    path: [0, 0],
    isCondition: true,
    code: "regex",
  });
  expect(codesOf(all({ operator: "MODULO", property: "n", value: "0|1" }))).toContain("modulo");
  expect(codesOf(all({ operator: "PERCENTAGE_SPLIT", property: null, value: "ten" }))).toContain("percentage");
  expect(codesOf(all({ operator: "GREATER_THAN", property: "v", value: "1.2:semver" }))).toEqual(["semver"]);
  expect(codesOf(all({ operator: "LESS_THAN", property: "age", value: "old" }))).toEqual(["number"]);
  expect(codesOf(all({ operator: "EQUAL", property: "plan", value: "" }))).toEqual(["empty"]);
});

test("conditions that exclude one another make a group that nobody meets", () => {
  const set = { operator: "IS_SET", property: "plan" };
  expect(codesOf(all(set, { operator: "IS_NOT_SET", property: "plan" }))).toEqual(["never"]);
  expect(
    codesOf(
      all({ operator: "EQUAL", property: "a", value: "1" }, { operator: "NOT_EQUAL", property: "a", value: "1" }),
    ),
  ).toEqual(["never"]);
  expect(
    codesOf(
      all(
        { operator: "GREATER_THAN", property: "a", value: "5" },
        { operator: "LESS_THAN", property: "a", value: "3" },
      ),
    ),
  ).toEqual(["never"]);
  expect(
    codesOf(all({ operator: "EQUAL", property: "a", value: "x" }, { operator: "EQUAL", property: "a", value: "y" })),
  ).toEqual(["conflict"]);
  expect(codesOf([])).toEqual(["never"]);
});

const values = fc.constantFrom(
  "1",
  "2.0",
  "10",
  "9",
  "x",
  "y",
  "",
  "(",
  "false",
  "100",
  "-1",
  "2|1",
  "1.0.0:semver",
  "z:semver",
);
const operators = fc.constantFrom(
  ...["EQUAL", "NOT_EQUAL", "GREATER_THAN", "LESS_THAN", "LESS_THAN_INCLUSIVE", "GREATER_THAN_INCLUSIVE", "IS_SET"],
  ...["IS_NOT_SET", "REGEX", "MODULO", "IN", "CONTAINS", "NOT_CONTAINS", "PERCENTAGE_SPLIT"],
);
const condition = fc.record({
  operator: operators,
  property: fc.constantFrom("a", "b", ""),
  value: values,
});
const rule: fc.Memo<WrittenRule> = fc.memo((depth) =>
  fc.record({
    type: fc.constantFrom("ALL", "ANY", "NONE"),
    conditions: fc.array(condition, { maxLength: 3 }),
    rules: depth > 1 ? fc.array(rule(depth - 1), { maxLength: 2 }) : fc.constant([]),
  }),
);
const traits = fc.dictionary(
  fc.constantFrom("a", "b"),
  fc.oneof(values, fc.boolean(), fc.integer({ min: -2, max: 12 }), fc.constantFrom(1.5, 2.5)),
);

test("what is said to be impossible never happens", () => {
  fc.assert(
    fc.property(fc.array(rule(2), { minLength: 1, maxLength: 2 }), traits, (rules, known) => {
      const isImpossible = findFaults(rules).some(
        (fault) => fault.code === "never" && !fault.isCondition && fault.path.length === 1,
      );
      fc.pre(isImpossible);
      const { segments } = evaluate({
        environment: { key: "e", name: "E" },
        identity: { identifier: "i", key: "i", traits: known },
        segments: { s: { key: "1", name: "s", rules: rules as never } },
        features: {},
      });
      expect(segments).toEqual([]);
    }),
    { numRuns: 3000 },
  );
});
