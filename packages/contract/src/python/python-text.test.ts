import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { wholeFloat } from "../json/whole-float.ts";
import {
  isPythonSpace,
  pythonFloat,
  pythonLength,
  pythonRepr,
  pythonStrip,
  pythonText,
  pythonTypeName,
} from "./python-text.ts";

describe("floats as Python prints them", () => {
  test.each([
    [1, "1.0"],
    [-0, "-0.0"],
    [0.1, "0.1"],
    [123456.789, "123456.789"],
    [1e15, "1000000000000000.0"],
    [1e16, "1e+16"],
    [1.5e16, "1.5e+16"],
    [123456789012345680, "1.2345678901234568e+17"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1.5e-7, "1.5e-07"],
    [1e100, "1e+100"],
    [5e-324, "5e-324"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [NaN, "nan"],
  ])("%p is %s", (value, text) => {
    expect(pythonFloat(value)).toBe(text);
  });

  test("they read back as the same number", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Object.is(Number(pythonFloat(value)), value)).toBe(true);
      }),
    );
  });
});

describe("repr", () => {
  test.each([
    [["a", 1, null, true], "['a', 1, None, True]"],
    [{ foo: "bar" }, "{'foo': 'bar'}"],
    [{ a: { b: [wholeFloat(1), 2.5, false] } }, "{'a': {'b': [1.0, 2.5, False]}}"],
    [[], "[]"],
    [{}, "{}"],
    [[12345678901234567890n, Infinity], "[12345678901234567890, inf]"],
    ["it's", `"it's"`],
    ['say "hi"', `'say "hi"'`],
    [`it's "it"`, `'it\\'s "it"'`],
    ["a\\b\n\r\t\0\x1f\x7f", "'a\\\\b\\n\\r\\t\\x00\\x1f\\x7f'"],
    ["é 😀", "'é 😀'"],
    ["\u00a0\u00ad\u200b\u2028\u3000\ue000", "'\\xa0\\xad\\u200b\\u2028\\u3000\\ue000'"],
    ["\ud800", "'\\ud800'"],
    ["\u{e0001}", "'\\U000e0001'"],
  ] as [unknown, string][])("case %#", (value, text) => {
    expect(pythonRepr(value)).toBe(text);
  });

  test("always leaves text that can be stored", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
        const text = pythonRepr(texts.map((one) => `${one}\ud83d\0`));
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toContain("\0");
      }),
    );
  });
});

test("str leaves texts alone and spells the rest", () => {
  expect(["a'b", 5, 1.5, wholeFloat(1), true, false, null].map(pythonText)).toEqual([
    "a'b",
    "5",
    "1.5",
    "1.0",
    "True",
    "False",
    "None",
  ]);
});

test("types have Python's names", () => {
  const values = ["", 1, 12345678901234567890n, 1.5, Infinity, wholeFloat(2), true, [], {}, { float: 2 }, null];
  expect(values.map(pythonTypeName)).toEqual([
    "str",
    "int",
    "int",
    "float",
    "float",
    "float",
    "bool",
    "list",
    "dict",
    "dict",
    "NoneType",
  ]);
});

test("white space is Python's, not JavaScript's", () => {
  expect(pythonStrip("\x1c\x85 \u3000a b\u2029\t")).toBe("a b");
  expect(pythonStrip("\ufeffa\u200b")).toBe("\ufeffa\u200b");
  expect(pythonStrip(" \n ")).toBe("");
  const spaces = Array.from({ length: 0x10000 }, (_, code) => code).filter(isPythonSpace);
  const javaScript = Array.from({ length: 0x10000 }, (_, code) => code).filter((code) =>
    /\s/.test(String.fromCharCode(code)),
  );
  expect(new Set(spaces).symmetricDifference(new Set(javaScript))).toEqual(
    new Set([0x1c, 0x1d, 0x1e, 0x1f, 0x85, 0xfeff]),
  );
});

test("length counts code points", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.constantFrom("", "\ud83d", "\ude00"), (text, half) => {
      expect(pythonLength(text + half)).toBe([...(text + half)].length);
    }),
  );
});
