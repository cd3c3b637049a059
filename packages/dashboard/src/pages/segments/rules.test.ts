import { describe, expect, test } from "bun:test";
import { findFaults } from "@burgee/engine";
import { operatorChoices, operatorName, readList, sayCondition, withOperator, writeList } from "./operators.ts";
import {
  changeCondition,
  changeGroup,
  countConditions,
  editRules,
  faultsById,
  newCondition,
  newGroup,
  removeCondition,
  type WireRule,
  writeRules,
} from "./rule-tree.ts";

const plan = { operator: "EQUAL", property: "plan", value: "pro" };
const rules: WireRule[] = [
  {
    type: "ALL",
    conditions: [plan, { operator: "PERCENTAGE_SPLIT", property: null, value: "10" }],
    rules: [{ type: "NONE", rules: [], conditions: [{ operator: "IS_SET", property: "banned", value: null }] }],
  },
];

describe("the tree", () => {
  test("what was read is written back as it was", () => {
    expect(writeRules(editRules(rules))).toEqual(rules);
  });

  test("several rules at the top become one group of all, and nothing is lost", () => {
    const two = [...rules, { type: "ANY" as const, rules: [], conditions: [plan] }];
    expect(writeRules(editRules(two))).toEqual([{ type: "ALL", conditions: [], rules: two }]);
  });

  test("groups and conditions are changed and taken out where they stand", () => {
    const root = editRules(rules);
    const inner = root.groups[0];
    const added = changeGroup(root, inner?.id ?? "", (group) => ({ ...group, groups: [newGroup("ANY")] }));
    expect(countConditions(added ?? root)).toBe(4);
    const without = changeGroup(root, inner?.id ?? "", () => null);
    expect(without?.groups).toEqual([]);
    const first = root.conditions[0]?.id ?? "";
    expect(changeCondition(root, first, { value: "x" }).conditions[0]?.value).toBe("x");
    expect(removeCondition(root, first).conditions).toHaveLength(1);
  });

  test("each fault stands at what it is about", () => {
    const root = editRules([
      {
        type: "ALL",
        conditions: [],
        rules: [{ type: "ANY", rules: [], conditions: [plan, { operator: "REGEX", property: "e", value: "(" }] }],
      },
    ]);
    const byId = faultsById(root, findFaults(writeRules(root)));
    expect([...byId.keys()]).toEqual([root.groups[0]?.conditions[1]?.id ?? "none"]);
  });
});

describe("operators", () => {
  test("what fits a trait's type comes first, and a yes-or-no is not asked for parts", () => {
    expect(operatorChoices(["number"])[0]?.group).toBe("Number");
    expect(operatorChoices(["string"])[0]?.group).toBe("Text");
    expect(operatorChoices([]).map(({ group }) => group)).toEqual(["Text", "Number", "Version", "Presence"]);
    expect(
      operatorChoices(["boolean"])
        .flatMap(({ items }) => items)
        .some(({ value }) => value === "contains"),
    ).toBe(false);
    for (const types of [["number"], ["string"], ["boolean"]] as const) {
      const all = operatorChoices(types).flatMap(({ items }) => items.map(({ value }) => value));
      expect(new Set(all).size).toBe(all.length);
    }
  });

  test("a version is an operator of its own, and back", () => {
    const newer = withOperator(newCondition({ value: "1.2.0" }), "newer");
    expect(newer).toEqual({ operator: "GREATER_THAN", value: "1.2.0:semver" });
    expect(operatorName(newCondition(newer))).toBe("newer");
    expect(withOperator(newCondition(newer), "above")).toEqual({ operator: "GREATER_THAN", value: "1.2.0" });
  });

  test("lists survive commas and brackets in their items", () => {
    for (const items of [["a", "b"], ["a,b", "c"], ["[x"], [], [""]]) expect(readList(writeList(items))).toEqual(items);
    expect(writeList(["pro", "scale"])).toBe("pro,scale");
    expect(withOperator(newCondition({ value: "pro" }), "one_of")).toEqual({ operator: "IN", value: "pro" });
  });

  test("a condition reads as a sentence", () => {
    expect(sayCondition(plan)).toBe("plan is pro");
    expect(sayCondition({ operator: "IN", property: "plan", value: "pro,scale" })).toBe("plan is one of pro, scale");
    expect(sayCondition({ operator: "PERCENTAGE_SPLIT", property: null, value: "10" })).toBe(
      "10 % of them, by identity",
    );
    expect(sayCondition({ operator: "MODULO", property: "n", value: "5|2" })).toBe("n divided by 5 leaves 2");
    expect(sayCondition({ operator: "GREATER_THAN_INCLUSIVE", property: "app", value: "1.2.3:semver" })).toBe(
      "app is version 1.2.3 or newer",
    );
  });
});
