import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BROKEN, toOperand, traitText } from "./operand.ts";
import { parsePythonList } from "./python-list.ts";
import { floatText, parseFloating, parseInteger } from "./python-number.ts";
import { pythonText } from "./python-text.ts";

describe("toOperand", () => {
  test("turns text that spells a number into that number", () => {
    expect(["007", "-4", "-0", "0", "12345678901234567890"].map(toOperand)).toEqual([
      7,
      -4,
      0,
      0,
      12345678901234567890n,
    ]);
    expect(["1.50", "-0.5", "00.10"].map(toOperand)).toEqual([{ float: 1.5 }, { float: -0.5 }, { float: 0.1 }]);
  });

  test("leaves other text alone", () => {
    const texts = ["", "-", " 5 ", "+5", "1e3", "1.", ".5", "1.2.3", "5abc", "1_0", "٣", "1\n", "--1"];
    expect(texts.map(toOperand)).toEqual(texts);
  });

  test("takes whole numbers for integers, unless JSON writers would give them an exponent", () => {
    expect([2, -0, 2 ** 53, 1e20].map(toOperand)).toEqual([2, 0, 2n ** 53n, 100000000000000000000n]);
    expect([1.5, 1e21, { float: 2 }].map(toOperand)).toEqual([{ float: 1.5 }, { float: 1e21 }, { float: 2 }]);
  });

  test("takes nothing for nothing, and everything else for its Python text", () => {
    expect([null, undefined].map(toOperand)).toEqual([null, null]);
    expect(toOperand([1, "a", null])).toBe("[1, 'a', None]");
  });

  test("gives up on more digits than Python reads", () => {
    expect(toOperand("9".repeat(4301))).toBe(BROKEN);
    expect(toOperand(`-${"9".repeat(4300)}`)).toBe(-(10n ** 4300n - 1n));
  });
});

describe("numbers as Python reads them", () => {
  test("int()", () => {
    const good = ["5", " 5 ", "+5", "-5", "1_000", "٣٤", "\u00a07\u2003", "-0", "00012"];
    expect(good.map(parseInteger)).toEqual([5, 5, 5, -5, 1000, 34, 7, 0, 12]);
    const bad = ["", " ", "1.0", "1e3", "0x10", "1__0", "_1", "1_", "5 5", "abc", "--5", "½", "9".repeat(4301)];
    expect(bad.map(parseInteger)).toEqual(bad.map(() => null));
    expect(parseInteger("9007199254740993")).toBe(9007199254740993n);
  });

  test("float()", () => {
    const good = [" 1.5 ", "1.", ".5", "1e3", "1_0.0_1", "-INF", "infinity", "٣.٥", "1e-400", "1e400", "5"];
    expect(good.map(parseFloating)).toEqual([1.5, 1, 0.5, 1000, 10.01, -Infinity, Infinity, 3.5, 0, Infinity, 5]);
    expect(["nan", "+NaN"].map(parseFloating)).toEqual([Number.NaN, Number.NaN]);
    const bad = ["", ".", "1e", "1.5abc", "0x1p3", "1__0.0", "in f", "1,5", "nano"];
    expect(bad.map(parseFloating)).toEqual(bad.map(() => null));
  });

  test("str() of floats", () => {
    const texts: [number, string][] = [
      [2, "2.0"],
      [1.5, "1.5"],
      [-0, "-0.0"],
      [1e15, "1000000000000000.0"],
      [1e16, "1e+16"],
      [1.25e-5, "1.25e-05"],
      [0.0001, "0.0001"],
      [123456.789, "123456.789"],
      [1.7976931348623157e308, "1.7976931348623157e+308"],
      [5e-324, "5e-324"],
      [Number.NaN, "nan"],
      [Number.NEGATIVE_INFINITY, "-inf"],
    ];
    expect(texts.map(([value]) => floatText(value))).toEqual(texts.map(([, text]) => text));
  });

  test("what str() writes, float() reads back", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(parseFloating(floatText(value))).toBe(value);
      }),
      { numRuns: 2000 },
    );
  });
});

test("traitText is Python's str()", () => {
  const texts = [true, false, null, 7, -0, 1.5, { float: 2 }, { float: 1e16 }, 1e16, 1e21, "007", ""].map(traitText);
  expect(texts).toEqual([
    "True",
    "False",
    "None",
    "7",
    "0",
    "1.5",
    "2.0",
    "1e+16",
    "10000000000000000",
    "1e+21",
    "007",
    "",
  ]);
});

test("pythonText quotes inside lists and objects as repr() does", () => {
  expect(pythonText({ a: ["it's", 'say "x"', "\n\u00a0\u2028\\", 1.5, { b: null }] })).toBe(
    `{'a': ["it's", 'say "x"', '\\n\\xa0\\u2028\\\\', 1.5, {'b': None}]}`,
  );
});

test("pythonText comes to an end on what has none", () => {
  const loop: unknown[] = [];
  loop.push(loop, loop);
  expect(pythonText(loop)).toContain("...");
});

describe("JSON lists in text", () => {
  test("give each element's Python text", () => {
    expect(parsePythonList('[1, 1.0, -0, 1e3, "a", true, null, NaN, -Infinity, 12345678901234567890]')).toEqual([
      "1",
      "1.0",
      "0",
      "1000.0",
      "a",
      "True",
      "None",
      "nan",
      "-inf",
      "12345678901234567890",
    ]);
    expect(parsePythonList('[["a", 1.0], {"k": "v", "k": [true]}, [], {}]')).toEqual([
      "['a', 1.0]",
      "{'k': [True]}",
      "[]",
      "{}",
    ]);
    expect(parsePythonList('["\\u00e9\\n", "😀"] \n')).toEqual(["é\n", "😀"]);
    expect(parsePythonList("[]")).toEqual([]);
  });

  test("are refused where JSON is broken", () => {
    const broken = [
      "[",
      "[1",
      "[1,]",
      "[,1]",
      "[1]x",
      "[01]",
      "[+1]",
      "[.5]",
      "[1.]",
      "['a']",
      '["a]',
      '["\n"]',
      "[tru]",
      "[{1:2}]",
      "[{]",
    ];
    expect(broken.map(parsePythonList)).toEqual(broken.map(() => null));
    expect(parsePythonList("[".repeat(100_000))).toBeNull();
  });

  test("read what JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.maxSafeInteger())), (items) => {
        expect(parsePythonList(JSON.stringify(items))).toEqual(items.map(pythonText));
      }),
    );
  });
});
