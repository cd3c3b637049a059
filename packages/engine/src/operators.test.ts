import { describe, expect, test } from "bun:test";
import { BROKEN, type Operand, toOperand } from "./operand.ts";
import { compileTest, operatorCost } from "./operators.ts";

/** Most of what operators do stands in spec/engine/operators.json; here is what a context in JSON cannot show. */

function holds(operator: string, value: unknown, operand: Operand): boolean {
  return compileTest(operator, value, "1")(operand);
}

const COMPARISONS = [
  "EQUAL",
  "NOT_EQUAL",
  "GREATER_THAN",
  "GREATER_THAN_INCLUSIVE",
  "LESS_THAN",
  "LESS_THAN_INCLUSIVE",
];
const ALL = [
  ...COMPARISONS,
  "CONTAINS",
  "NOT_CONTAINS",
  "REGEX",
  "MODULO",
  "IN",
  "IS_SET",
  "IS_NOT_SET",
  "PERCENTAGE_SPLIT",
];

test("nothing holds for a value that cannot be read, not even that it is not set", () => {
  expect(ALL.filter((operator) => holds(operator, "100", BROKEN))).toEqual([]);
});

test("without a value only IS_SET and IS_NOT_SET can hold", () => {
  const operands: Operand[] = ["abc", "", 1, 10n ** 30n, { float: 1.5 }, true, false, null];
  const holding = ALL.filter((operator) => operands.some((operand) => holds(operator, undefined, operand)));
  expect(holding).toEqual(["IS_SET", "IS_NOT_SET"]);
});

test("integers of any size compare exactly", () => {
  const big = 10n ** 30n;
  expect(holds("EQUAL", `${big}`, big)).toBe(true);
  expect(holds("GREATER_THAN", `${big}`, big + 1n)).toBe(true);
  expect(holds("LESS_THAN", `${big}`, 5)).toBe(true);
  expect(holds("EQUAL", "9007199254740993", 9007199254740992n)).toBe(false);
  expect(holds("IN", `a,${big}`, big)).toBe(true);
  expect(holds("REGEX", "10+$", big)).toBe(true);
});

test("floats that are no numbers have no order and differ from everything", () => {
  const nan = { float: Number.NaN };
  expect(COMPARISONS.filter((operator) => holds(operator, "nan", nan))).toEqual(["NOT_EQUAL"]);
  expect(COMPARISONS.filter((operator) => holds(operator, "1", nan))).toEqual(["NOT_EQUAL"]);
  expect(holds("EQUAL", "inf", { float: Number.POSITIVE_INFINITY })).toBe(true);
});

test("a version contains its prerelease and its build, and no other text", () => {
  const version = "1.2.3-rc.1+b5";
  const contained = ["rc.1", "b5", "rc", "1", "1.2.3", ""].filter((text) =>
    holds("CONTAINS", `${text}:semver`, version),
  );
  expect(contained).toEqual(["rc.1", "b5"]);
  expect(holds("NOT_CONTAINS", "rc.1:semver", version)).toBe(true);
  expect(holds("CONTAINS", "rc.1:semver", "no version rc.1:semver")).toBe(false);
});

test("a list is understood by IN, and is its Python text to all others", () => {
  const list = ["a", 1, 1.5, true, null];
  expect(["a", 1, "True", "None", "1.5"].map((operand) => holds("IN", list, operand))).toEqual([
    true,
    true,
    true,
    true,
    true,
  ]);
  expect(holds("EQUAL", list, "['a', 1, 1.5, True, None]")).toBe(true);
  expect(holds("IN", 7, 7)).toBe(false);
  expect(holds("IN", null, "None")).toBe(false);
});

test("a value that came as a boolean or a number is cast like one", () => {
  const rows: [operator: string, value: unknown, operand: Operand, matches: boolean][] = [
    ["GREATER_THAN", true, 2, true],
    ["EQUAL", true, 1, true],
    ["EQUAL", false, { float: 0 }, true],
    ["EQUAL", 1.5, 1, true],
    ["EQUAL", 1.5, { float: 1.5 }, true],
    ["EQUAL", "1.5", 1, false],
    ["EQUAL", "true", 1, false],
    ["EQUAL", true, "True", false],
    ["PERCENTAGE_SPLIT", false, "who", false],
    ["PERCENTAGE_SPLIT", 100, "who", true],
  ];
  expect(rows.filter(([operator, value, operand, matches]) => holds(operator, value, operand) !== matches)).toEqual([]);
});

test("a remainder is of floats, with the divisor's sign", () => {
  const rows: [value: string, operand: Operand, matches: boolean][] = [
    ["3|2", -1, true],
    ["-3|-1", 5, true],
    ["-3|-2", 1, true],
    ["inf|5", 5, true],
    ["inf|inf", -5, true],
    ["2|0", 10n ** 400n, false],
    ["1e400|1", 1, true],
    ["0.1|0", 1, false],
  ];
  expect(rows.filter(([value, operand, matches]) => holds("MODULO", value, operand) !== matches)).toEqual([]);
});

describe("toOperand and the operators", () => {
  test("a decimal's text is not found in its own list, an integer's is", () => {
    expect(holds("IN", "1.50", toOperand("1.50"))).toBe(false);
    expect(holds("IN", "7", toOperand("007"))).toBe(true);
  });
});

test("an operator of any name, known or inherited, has a price", () => {
  for (const operator of [...ALL, "NO_SUCH", "constructor", "", null, 7, {}])
    expect(operatorCost(operator)).toBeNumber();
  expect(operatorCost("PERCENTAGE_SPLIT")).toBeGreaterThan(operatorCost("EQUAL"));
});
