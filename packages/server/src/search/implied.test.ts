import { expect, test } from "bun:test";
import type { DocumentRule } from "@burgee/engine";
import fc from "fast-check";
import { impliedBy } from "./implied.ts";
import { matches } from "./matcher.ts";
import { matcherContext } from "./read-rows.ts";

const operators = [
  "EQUAL",
  "NOT_EQUAL",
  "GREATER_THAN",
  "GREATER_THAN_INCLUSIVE",
  "LESS_THAN",
  "LESS_THAN_INCLUSIVE",
  "CONTAINS",
  "NOT_CONTAINS",
  "REGEX",
  "MODULO",
  "IS_SET",
  "IS_NOT_SET",
  "IN",
  "PERCENTAGE_SPLIT",
];
const anyText = fc.oneof(
  fc.constantFrom(
    "pro",
    "5",
    "05",
    "5.0",
    "-5",
    "5|0",
    "1,5,pro",
    '["pro", "5"]',
    "True",
    "False",
    "false",
    "1",
    "0",
    "",
  ),
  fc.constantFrom("1.2.3:semver", "1.2.3", "PRO", "inf", "nan", " 5", "1e3", "1_0", "é", "50", "-", "+5"),
  fc.string({ maxLength: 4 }),
);
const anyKey = fc.constantFrom("plan", "age", "odd key");
const anyCondition = fc.record({
  operator: fc.constantFrom(...operators),
  property_: fc.oneof(anyKey, fc.constantFrom("", null, "$.identity.identifier", "$.identity.traits.plan")),
  value: fc.oneof(anyText, fc.constant(null)),
});
const ruleOf = (rules: fc.Arbitrary<DocumentRule[]>): fc.Arbitrary<DocumentRule> =>
  fc.record({
    type: fc.constantFrom("ALL", "ANY", "NONE") as fc.Arbitrary<"ALL" | "ANY" | "NONE">,
    conditions: fc.array(anyCondition, { maxLength: 3 }),
    rules,
  });
const anyRule = ruleOf(fc.array(ruleOf(fc.constant([])), { maxLength: 2 }));
const anyTraits = fc.dictionary(
  anyKey,
  fc.oneof(
    anyText,
    fc.integer({ min: -6, max: 60 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
  ),
);
const environment = { id: 1, apiKey: "key", name: "name", compositeHashKey: true };

test("whoever is in a segment meets what it implies", () => {
  let members = 0;
  fc.assert(
    fc.property(fc.array(anyRule, { minLength: 1, maxLength: 3 }), anyTraits, (rules, traits) => {
      const context = matcherContext({
        environment,
        query: { kind: "all" },
        segments: [{ name: "s", segments: [{ id: 1, name: "s", rules, feature_states: [] }] }],
        features: [],
        now: 0,
      });
      const subject = { id: 1, identifier: "ann", traits, createdAt: 0, lastSeenDay: 0, overrides: new Set<number>() };
      if (!matches({ kind: "segment", segment: "s" }, subject, context)) return;
      members += 1;
      expect(matches(impliedBy([{ rules }]), subject, context)).toBe(true);
    }),
    { numRuns: 8_000 },
  );
  expect(members).toBeGreaterThan(500);
}, 20_000);

test("conditions of a segment become conditions that the index knows", () => {
  const condition = (operator: string, property_: string, value: string) => ({ operator, property_, value });
  const rules: DocumentRule[] = [
    { type: "ALL", rules: [], conditions: [condition("EQUAL", "plan", "pro"), condition("GREATER_THAN", "age", "18")] },
    {
      type: "ANY",
      rules: [],
      conditions: [condition("IN", "country", "FR,DE"), condition("PERCENTAGE_SPLIT", "", "5")],
    },
  ];
  expect(impliedBy([{ rules }])).toEqual({
    kind: "and",
    parts: [
      { kind: "trait", key: "plan", is: true, values: ["pro", true] },
      {
        kind: "or",
        parts: [
          { kind: "trait-order", key: "age", comparison: ">", value: 18 },
          { kind: "trait-order", key: "age", comparison: ">=", value: "" },
          { kind: "trait", key: "age", is: true, values: [true, false] },
        ],
      },
    ],
  });
});
