import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { maxJsonDepth, parseJson } from "./parse-json.ts";
import { parsePythonJson } from "./python-json.ts";
import { isWholeFloat, wholeFloat } from "./whole-float.ts";

const detail = (text: string): string => {
  const result = parseJson(text);
  return result.ok ? `accepted ${text}` : result.detail;
};

const value = (text: string): unknown => {
  const result = parseJson(text);
  if (!result.ok) throw new Error(result.detail);
  return result.value;
};

describe("refused texts get Python's words and place", () => {
  // Every right side is what `json.loads` of Python 3.11 says (with Django REST's strict constants).
  const refused: readonly (readonly [string, string])[] = [
    ["{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"],
    ["{a", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"],
    ['{"a":1,}', "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)"],
    ['{"a"', "Expecting ':' delimiter: line 1 column 5 (char 4)"],
    ['{"a":1 "b"', "Expecting ',' delimiter: line 1 column 8 (char 7)"],
    ['{"a":}', "Expecting value: line 1 column 6 (char 5)"],
    ["[1,]", "Expecting value: line 1 column 4 (char 3)"],
    ["[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"],
    ["", "Expecting value: line 1 column 1 (char 0)"],
    [" \n ", "Expecting value: line 2 column 2 (char 3)"],
    ["tru", "Expecting value: line 1 column 1 (char 0)"],
    ["-", "Expecting value: line 1 column 1 (char 0)"],
    [".5", "Expecting value: line 1 column 1 (char 0)"],
    ["01", "Extra data: line 1 column 2 (char 1)"],
    ["1.", "Extra data: line 1 column 2 (char 1)"],
    ["{}\n{}", "Extra data: line 2 column 1 (char 3)"],
    ['["😀" 1]', "Expecting ',' delimiter: line 1 column 6 (char 5)"],
    ['["abc', "Unterminated string starting at: line 1 column 2 (char 1)"],
    ['"a\\', "Unterminated string starting at: line 1 column 1 (char 0)"],
    ['"a\nb"', "Invalid control character at: line 1 column 3 (char 2)"],
    ['"\\x"', "Invalid \\escape: line 1 column 2 (char 1)"],
    ['"\\u12g4"', "Invalid \\uXXXX escape: line 1 column 3 (char 2)"],
    ["\ufeff{}", "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)"],
    ["NaN", "Out of range float values are not JSON compliant: 'NaN'"],
    ['{"a":Infinity}', "Out of range float values are not JSON compliant: 'Infinity'"],
    ["[-Infinity]", "Out of range float values are not JSON compliant: '-Infinity'"],
  ];
  test.each(refused)("%j", (text, words) => {
    expect(detail(text)).toBe(words);
  });

  test("an int of more digits than Python reads is refused", () => {
    expect(detail("1".repeat(4301))).toStartWith("Exceeds the limit (4300 digits) for integer string conversion");
    expect(value("1".repeat(4300))).toBe(BigInt("1".repeat(4300)));
  });
});

describe("numbers keep what JavaScript would lose", () => {
  test.each(["1.0", "-3.00", "1e3", "1E+2", "12.5e1", "4503599627370497.5", "1.00000000000000000001", "-0.0"])(
    "%s is a whole float",
    (text) => {
      expect(value(`{"a": ${text}}`)).toEqual({ a: wholeFloat(Number(text)) });
      expect(isWholeFloat(value(text))).toBe(true);
    },
  );

  test.each(["1", "-7", "1.5", "0.1", "1e-7", "1721390000000", "2.50"])("%s stays a number", (text) => {
    expect(value(`[${text}]`)).toEqual([Number(text)]);
  });

  test("-0 is the int 0", () => {
    expect(Object.is(value("-0"), 0)).toBe(true);
    expect(Object.is((value("[-0]") as number[])[0], 0)).toBe(true);
  });

  test("large ints are exact", () => {
    expect(value('{"a":12345678901234567890}')).toEqual({ a: 12345678901234567890n });
    expect(value("9007199254740991")).toBe(9007199254740991);
    expect(value("9007199254740993")).toBe(9007199254740993n);
  });

  test("a float too large is Infinity", () => {
    expect(value("[1e999, -1e999]")).toEqual([Infinity, -Infinity]);
  });

  test("digits inside strings change nothing", () => {
    expect(value('{"a":"1.0, 2.0","b":"3e8c1a52-7b0e"}')).toEqual({ a: "1.0, 2.0", b: "3e8c1a52-7b0e" });
  });
});

describe("a client cannot send a whole float", () => {
  test.each(['{"float":2}', '{"float":2.0}', '{"__proto__":{"float":2},"float":1.0}'])("%s", (text) => {
    expect(isWholeFloat(value(text))).toBe(false);
    expect(isWholeFloat(JSON.parse(text))).toBe(false);
  });
});

test("__proto__ is a key like any other", () => {
  for (const number of ["1", "1.0"]) {
    const parsed = value(`{"__proto__":{"a":${number}}}`) as object;
    expect(Object.keys(parsed)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
  }
});

test("nesting has a limit, whatever is nested and however long the text", () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
    ['[{"a":', "}]"],
  ] as const) {
    const levels = Math.floor(maxJsonDepth / (open === '[{"a":' ? 2 : 1));
    expect(parseJson(`${open.repeat(levels)}1${close.repeat(levels)}`).ok).toBe(true);
    expect(parseJson(`${open.repeat(levels + 1)}1${close.repeat(levels + 1)}`).ok).toBe(false);
    expect(parseJson(`${open.repeat(levels + 1)}1.0${close.repeat(levels + 1)}`).ok).toBe(false);
    expect(parseJson(open.repeat(500_000)).ok).toBe(false);
  }
  expect(detail(`${"[".repeat(201)}${"]".repeat(201)}`)).toBe(
    "Too many nested lists and objects: line 1 column 201 (char 200)",
  );
  expect(parseJson(`[${"[],".repeat(5000)}{}]`).ok).toBe(true);
});

test("both parsers agree on every JSON text", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const [fast, exact] = [parseJson(text), parsePythonJson(text, maxJsonDepth)];
      expect(fast).toEqual(exact);
    }),
    { numRuns: 2000 },
  );
});

test("texts broken anywhere are accepted exactly when JSON.parse accepts them, and nothing throws", () => {
  const broken = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.nat({ max: 3 }),
      fc.constantFrom("", '"', "\\", "{", "}", "[", ",", ":", "1", "-", "e", "\u0001", "\\u", "\ud800"),
    )
    .map(([text, at, cut, insert]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + insert + text.slice(place + cut);
    });
  fc.assert(
    fc.property(broken, (text) => {
      let accepted = true;
      try {
        JSON.parse(text);
      } catch {
        accepted = false;
      }
      expect(parseJson(text).ok).toBe(accepted);
      expect(parsePythonJson(text, maxJsonDepth).ok).toBe(accepted);
    }),
    { numRuns: 3000 },
  );
});
