import { expect, test } from "bun:test";
import type { TraitValue } from "@burgee/engine";
import fc from "fast-check";
import { parseJson } from "./parse-json.ts";
import { isWholeFloat, wholeFloat } from "./whole-float.ts";
import { storeTraitValue, writeText, writeTraitValue } from "./write-json.ts";

test.each([
  [wholeFloat(2), "2.0"],
  [wholeFloat(-0), "-0.0"],
  [wholeFloat(1e16), "1e+16"],
  [wholeFloat(Infinity), "null"],
  [2, "2"],
  [0.1, "0.1"],
  [true, "true"],
  [null, "null"],
  ['a"\n', '"a\\"\\n"'],
] as [TraitValue, string][])("%p is written %s", (value, text) => {
  expect(writeTraitValue(value)).toBe(text);
});

test("a text is written as JSON.stringify writes it", () => {
  const every = Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code));
  for (const text of [...every, "", " ", "plain text", 'a"b', "a\\b", "\u2028", "\ud800", "🏁", "line\n"]) {
    expect(writeText(text)).toBe(JSON.stringify(text));
    expect(writeText(`a${text}`)).toBe(JSON.stringify(`a${text}`));
  }
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => writeText(text) === JSON.stringify(text)));
});

test("a number or a switch is written as JSON.stringify writes it", () => {
  const values = fc.oneof(fc.double(), fc.integer(), fc.boolean());
  for (const value of [0, -0, 1e21, 5e-324, Number.MAX_VALUE, Number.NaN, Infinity, -Infinity])
    expect(writeTraitValue(value)).toBe(JSON.stringify(value));
  fc.assert(fc.property(values, (value) => writeTraitValue(value) === JSON.stringify(value)));
});

test("what is written reads back the same, ints and floats apart", () => {
  const values = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Number.isInteger(n) ? wholeFloat(n) : n)),
  );
  fc.assert(
    fc.property(values, (value) => {
      const read = parseJson(writeTraitValue(value));
      if (!read.ok) throw new Error(read.detail);
      expect(isWholeFloat(read.value)).toBe(isWholeFloat(value));
      if (isWholeFloat(value)) expect(Object.is((read.value as { float: number }).float, value.float)).toBe(true);
      else expect(read.value).toBe(value);
    }),
  );
});

test("a huge float is kept without an exponent, and read as itself", () => {
  expect(storeTraitValue(wholeFloat(-1e21))).toBe("-1000000000000000000000.0");
  expect([wholeFloat(2), wholeFloat(Infinity), 5, null].map(storeTraitValue)).toEqual(["2.0", "null", "5", "null"]);
  expect(parseJson(storeTraitValue(wholeFloat(1.5e300)))).toMatchObject({ ok: true, value: wholeFloat(1.5e300) });
});
