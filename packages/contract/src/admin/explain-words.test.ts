import { describe, expect, test } from "bun:test";
import { conditionWords, quoted, summariseFlag, summariseSegment, type UnsummarisedFlag } from "./explain-words.ts";
import type { ConditionTrace, RuleTrace } from "./explanations.ts";

const condition = (words: Partial<ConditionTrace>): ConditionTrace => ({
  property: "plan",
  operator: "EQUAL",
  value: "pro",
  operand: { type: "text", text: "free" },
  held: false,
  split: null,
  ...words,
});
const rule = (type: string, held: boolean, conditions: ConditionTrace[], rules: RuleTrace[] = []): RuleTrace => ({
  type,
  held,
  conditions,
  rules,
});

const flag = (more: Partial<UnsummarisedFlag>): UnsummarisedFlag => ({
  feature: { id: 1, name: "f", type: "STANDARD" },
  enabled: true,
  value: null,
  source: "default",
  segment: null,
  variant: null,
  split: null,
  override: null,
  expired_override: null,
  trace: { reason: "DEFAULT", variants: [], lost: [] },
  ...more,
});

describe("a condition in words", () => {
  const cases: [string, Partial<ConditionTrace>][] = [
    ['plan is not "pro" (it is "free")', {}],
    ['plan is "pro"', { held: true, operand: { type: "text", text: "pro" } }],
    ["plan is not set", { operand: null }],
    ["plan is set", { operator: "IS_SET", held: true, value: "" }],
    ["plan is set", { operator: "IS_NOT_SET", held: false, value: "" }],
    ["plan is not set", { operator: "IS_NOT_SET", held: true, operand: null, value: "" }],
    [
      "age is less than 18 (it is 7)",
      { property: "age", operator: "GREATER_THAN_INCLUSIVE", value: "18", operand: { type: "integer", text: "7" } },
    ],
    [
      'plan is one of "a,b" (it is "a")',
      { operator: "IN", value: "a,b", held: true, operand: { type: "text", text: "a" } },
    ],
    [
      "its bucket 42.17 is within 50 %",
      {
        property: "",
        operator: "PERCENTAGE_SPLIT",
        value: "50",
        held: true,
        split: { bucket: 42.1699, threshold: 50 },
      },
    ],
    [
      "the bucket of org 70.9 is not within 50 %",
      { property: "org", operator: "PERCENTAGE_SPLIT", value: "50", split: { bucket: 70.9, threshold: 50 } },
    ],
    ["org is not set", { property: "org", operator: "PERCENTAGE_SPLIT", value: "50", operand: null }],
    [
      'the identifier contains "@x" (it is "a@x")',
      {
        property: "$.identity.identifier",
        operator: "CONTAINS",
        value: "@x",
        held: true,
        operand: { type: "text", text: "a@x" },
      },
    ],
    ['plan does not hold for NEWER "x" (it is "free")', { operator: "NEWER", value: "x" }],
  ];
  test.each(cases)("%s", (words, given) => expect(conditionWords(condition(given))).toBe(words));
});

describe("a segment in words", () => {
  const held = (property: string) => condition({ property, operator: "IS_SET", value: "", held: true });
  const missed = (property: string) => condition({ property, operator: "IS_SET", value: "", operand: null });

  test("tells only what decides", () => {
    expect(summariseSegment(true, [rule("ALL", true, [held("a"), held("b")])])).toBe("In it: a is set, and b is set.");
    expect(summariseSegment(false, [rule("ALL", false, [held("a"), missed("b"), missed("c")])])).toBe(
      "Not in it: b is not set.",
    );
    expect(summariseSegment(true, [rule("ANY", true, [missed("a"), held("b"), held("c")])])).toBe("In it: b is set.");
    expect(summariseSegment(false, [rule("ANY", false, [missed("a"), missed("b")])])).toBe(
      "Not in it: a is not set, and b is not set.",
    );
    expect(summariseSegment(true, [rule("NONE", true, [missed("a")])])).toBe("In it: a is not set.");
    expect(summariseSegment(false, [rule("NONE", false, [missed("a"), held("b")])])).toBe("Not in it: b is set.");
  });

  test("follows inner rules, and counts what is too much to tell", () => {
    const inner = rule("ANY", false, [missed("x"), missed("y")]);
    expect(summariseSegment(false, [rule("ALL", false, [held("a")], [rule("ALL", true, [held("b")]), inner])])).toBe(
      "Not in it: x is not set, and y is not set.",
    );
    const many = ["a", "b", "c", "d", "e"].map(held);
    expect(summariseSegment(true, [rule("ALL", true, many)])).toBe(
      "In it: a is set, and b is set, and c is set, and 2 more.",
    );
  });

  test("says of no rules that they match nobody, and of empty ones that they ask for nothing", () => {
    expect(summariseSegment(false, [])).toContain("no rules");
    expect(summariseSegment(true, [rule("ALL", true, [])])).toBe("In it: its rules ask for nothing.");
  });
});

describe("a flag in words", () => {
  test("says a value, a variant, or neither", () => {
    expect(summariseFlag(flag({}), "Test")).toBe("On, as for everybody in Test.");
    expect(summariseFlag(flag({ enabled: false, value: 0 }), "Test")).toBe("Off with 0, as for everybody in Test.");
    const split = { bucket: 12.345, threshold_low: 0, threshold_high: 33.3 };
    const drawn = flag({ source: "split", value: "red", variant: { key: "r", value: "red" }, split });
    expect(summariseFlag(drawn, "Test")).toBe(
      'On with "red" (variant r), as Test splits this feature: its bucket 12.35 lies from 0 up to 33.3.',
    );
  });

  test("says who set an override, why, and that one has ended", () => {
    const override = { updated_by: null, updated_at: "2026-01-02T03:04:05.000000Z", reason: null, expires_at: null };
    const whole = { bucket: 86, threshold_low: 0, threshold_high: 100 };
    const pinned = flag({ source: "override", override, variant: { key: "r", value: "red" }, split: whole });
    expect(summariseFlag(pinned, "Test")).toBe(
      "On (variant r), because it was set for this identity on 2026-01-02 03:04 UTC.",
    );
    expect(summariseFlag(flag({ source: "override", override }), "Test")).toBe(
      "On, because it was set for this identity on 2026-01-02 03:04 UTC.",
    );
    const ended = { expires_at: "2026-02-03T04:05:06.000000Z", updated_by: "a@b.c", reason: null };
    expect(summariseFlag(flag({ expired_override: ended }), "Test")).toBe(
      "On, as for everybody in Test. An override of this identity ended on 2026-02-03 04:05 UTC.",
    );
  });

  test("cuts long texts between characters", () => {
    expect(quoted("😀".repeat(80))).toBe(`"${"😀".repeat(60)}…"`);
  });
});
