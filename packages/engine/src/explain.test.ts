import { describe, expect, test } from "bun:test";
import { documentOf, overrideOf, ruleOf, segmentOf, stateOf } from "./example-documents.ts";
import { compile, explain, type FlagTrace, type Identity, percentage } from "./index.ts";

const everyone = ruleOf("$.identity.identifier", "IS_SET", "");
const nobody = ruleOf("$.identity.identifier", "IS_NOT_SET", "");
const anna: Identity = { identifier: "anna", traits: { age: "007" } };

function flagOf(document: ReturnType<typeof documentOf>, identity: Identity | null = anna): FlagTrace {
  const [flag] = explain(compile(document), identity).flags;
  if (flag === undefined) throw new Error("no flag");
  return flag;
}

describe("a flag's trace", () => {
  const override = (id: number, priority: number | null) => [stateOf(id, "sail", { priority })];
  const segments = [
    segmentOf(1, "weak", [everyone], override(11, 5)),
    segmentOf(2, "out", [nobody], override(12, 0)),
    segmentOf(3, "strong", [everyone], override(13, 1)),
    segmentOf(4, "tied", [everyone], override(14, 1)),
    segmentOf(5, "unranked", [everyone], override(15, null)),
  ];

  test("names the segment that won and why each other override did not", () => {
    const flag = flagOf(documentOf([stateOf(1, "sail")], segments));
    expect(flag.winner).toEqual({ source: "segment", segment: "strong", segmentKey: "3", priority: 1 });
    expect(flag.result).toMatchObject({ value: "sail-13", reason: "TARGETING_MATCH; segment=strong" });
    const lost = (segment: string, segmentKey: string, priority: number | null, because: string) => ({
      override: { source: "segment", segment, segmentKey, priority },
      because,
    });
    expect(flag.lost as unknown[]).toEqual([
      lost("out", "2", 0, "not in segment"),
      lost("tied", "4", 1, "equal priority, met later"),
      lost("weak", "1", 5, "weaker priority"),
      lost("unranked", "5", null, "weaker priority"),
    ]);
  });

  test("names an identity override as the winner over all of them", () => {
    const document = documentOf([stateOf(1, "sail")], segments, [overrideOf("anna", [stateOf(20, "sail")])]);
    const flag = flagOf(document);
    expect(flag.winner).toEqual({ source: "identity" });
    expect(flag.lost.map((lost) => lost.because)).toEqual([
      "not in segment",
      ...Array.from({ length: 4 }, () => "identity override" as const),
    ]);
  });

  test("falls back to the default, saying who was not asked in", () => {
    const flag = flagOf(documentOf([stateOf(1, "sail")], [segmentOf(2, "out", [nobody], override(12, 0))]));
    expect(flag.winner).toEqual({ source: "default" });
    expect(flag.lost.map((lost) => lost.because)).toEqual(["not in segment"]);
  });

  test("shows how the variant was drawn", () => {
    const flag = flagOf(documentOf([stateOf(77, "sail", { weights: [30, 33.3, 0] })], []));
    const ids = ["77", "client-key_anna"];
    const share = percentage(ids);
    expect(flag.split?.ids).toEqual(ids);
    expect(flag.split?.percentage).toBe(share);
    expect(flag.split?.variants.map(({ variant, weight, start, limit }) => [variant, weight, start, limit])).toEqual([
      ["key-0", 30, 0, 30],
      ["key-1", 33.3, 30, 63.3],
      ["key-2", 0, 63.3, 63.3],
    ]);
  });

  test("has no draw where there is nobody to draw for", () => {
    const document = documentOf([stateOf(1, "sail", { weights: [100] })], segments);
    expect(flagOf(document, null)).toMatchObject({ split: null, winner: { source: "default" }, lost: [] });
    expect(explain(compile(document), null)).toMatchObject({ identityKey: null, segments: [] });
  });
});

describe("a segment's trace", () => {
  test("shows every rule and condition, with what was really compared", () => {
    const rule = {
      type: "ALL",
      conditions: [],
      rules: [
        {
          type: "ANY",
          rules: [],
          conditions: [
            { operator: "EQUAL", property_: "age", value: "7" },
            { operator: "EQUAL", property_: "age", value: "007" },
            { operator: "REGEX", property_: "missing", value: ".*" },
          ],
        },
        { type: "NONE", rules: [], conditions: [{ operator: "GREATER_THAN", property_: "age", value: "6.5" }] },
      ],
    };
    const [segment] = explain(compile(documentOf([], [segmentOf(3, "sevens", [rule], [])])), anna).segments;
    const integer = { type: "integer", text: "7" } as const;
    const condition = { property: "age", split: null };
    expect(segment).toEqual({
      name: "sevens",
      key: "3",
      matched: true,
      rules: [
        {
          type: "ALL",
          matched: true,
          conditions: [],
          rules: [
            {
              type: "ANY",
              matched: true,
              rules: [],
              conditions: [
                { ...condition, operator: "EQUAL", value: "7", operand: integer, matched: true },
                { ...condition, operator: "EQUAL", value: "007", operand: integer, matched: true },
                { operator: "REGEX", property: "missing", value: ".*", operand: null, matched: false, split: null },
              ],
            },
            {
              type: "NONE",
              matched: true,
              rules: [],
              conditions: [{ ...condition, operator: "GREATER_THAN", value: "6.5", operand: integer, matched: false }],
            },
          ],
        },
      ],
    });
  });

  test("shows what a percentage split hashed and where the limit is", () => {
    const rules = [ruleOf("", "PERCENTAGE_SPLIT", "40"), ruleOf("age", "PERCENTAGE_SPLIT", "many")];
    const [segment] = explain(compile(documentOf([], [segmentOf(9, "split", rules, [])])), anna).segments;
    const [byKey, byAge] = segment?.rules.flatMap((rule) => rule.conditions) ?? [];
    const share = percentage(["9", "client-key_anna"]);
    expect(byKey?.split).toEqual({ ids: ["9", "client-key_anna"], percentage: share, threshold: 40 });
    expect(byKey?.matched).toBe(share <= 40);
    expect(byAge?.split).toEqual({ ids: ["9", "7"], percentage: percentage(["9", "7"]), threshold: null });
    expect(byAge?.matched).toBe(false);
  });

  test("names the type of what was compared", () => {
    const traits = { a: true, b: "x", c: 1.5, d: { float: 2 }, e: 7, f: "9".repeat(5000), g: null };
    const rules = Object.keys(traits).map((name) => ruleOf(name, "IS_SET", ""));
    const [segment] = explain(compile(documentOf([], [segmentOf(1, "s", rules, [])])), {
      identifier: "x",
      traits,
    }).segments;
    const operands = segment?.rules.map((rule) => rule.conditions[0]?.operand);
    expect(operands).toEqual([
      { type: "boolean", text: "True" },
      { type: "text", text: "x" },
      { type: "float", text: "1.5" },
      { type: "float", text: "2.0" },
      { type: "integer", text: "7" },
      { type: "unreadable", text: "" },
      null,
    ]);
  });
});
