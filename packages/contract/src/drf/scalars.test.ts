import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { wholeFloat } from "../json/whole-float.ts";
import * as drf from "./index.ts";

const value = <T>(schema: Parameters<typeof drf.parse>[0], input: unknown): T | unknown => {
  const parsed = drf.parse(schema, input);
  return parsed.ok ? parsed.value : parsed.body;
};

describe("string", () => {
  const field = drf.string({ maxLength: 5 });
  test.each([
    ["abc", "abc"],
    [" \x1ca\u3000", "a"],
    [5, "5"],
    [1.5, "1.5"],
    [wholeFloat(1), "1.0"],
    [123n, "123"],
    ["😀😀😀😀😀", "😀😀😀😀😀"],
  ])("reads %p as %p", (input, text) => {
    expect(value(field, input)).toBe(text);
  });

  test.each([
    [undefined, ["This field is required."]],
    ["", ["This field may not be blank."]],
    ["  ", ["This field may not be blank."]],
    [true, ["Not a valid string."]],
    [[], ["Not a valid string."]],
    [{}, ["Not a valid string."]],
    ["123456", ["Ensure this field has no more than 5 characters."]],
    ["a\0b", ["Null characters are not allowed."]],
    ["12345\0", ["Ensure this field has no more than 5 characters.", "Null characters are not allowed."]],
    ["\ud83d", ["Surrogate characters are not allowed: U+D83D."]],
  ])("refuses %p", (input, messages) => {
    expect(value(field, input)).toEqual(messages);
  });

  test("options change blanks, trimming and the least length", () => {
    expect(value(drf.string({ allowBlank: true }), "  ")).toBe("");
    expect(value(drf.string({ trim: false }), " a ")).toBe(" a ");
    expect(value(drf.string({ trim: false }), "  ")).toBe("  ");
    expect(value(drf.string({ minLength: 3 }), "ab")).toEqual(["Ensure this field has at least 3 characters."]);
  });

  test("zod's own wrappers decide about null and absence", () => {
    const schema = drf.object({ a: drf.string(), b: field.nullable(), c: field.optional(), d: field.default("x") });
    expect(value(schema, { a: "a", b: null })).toEqual({ a: "a", b: null, d: "x" });
    expect(value(schema, { a: null, c: null, d: null })).toEqual({
      a: ["This field may not be null."],
      b: ["This field is required."],
      c: ["This field may not be null."],
      d: ["This field may not be null."],
    });
  });

  test("what it accepts can be stored, whatever is sent", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue()), (input) => {
        const parsed = drf.parse(field, input);
        if (!parsed.ok) return;
        expect(parsed.value.isWellFormed() && !parsed.value.includes("\0")).toBe(true);
        expect([...parsed.value].length).toBeWithin(1, 6);
      }),
    );
  });
});

describe("boolean", () => {
  test.each([true, 1, wholeFloat(1), "t", "Y", "yes", "TRUE", "on", "1"])("%p is true", (input) => {
    expect(value(drf.boolean(), input)).toBe(true);
  });
  test.each([false, 0, wholeFloat(-0), "f", "N", "no", "False", "off", "0"])("%p is false", (input) => {
    expect(value(drf.boolean(), input)).toBe(false);
  });
  test.each([2, -1, 0.5, "", "2", " true", "null", [], {}, 1n].map((input) => ({ input })))(
    "$input is neither",
    ({ input }) => {
      expect(value(drf.boolean(), input)).toEqual(["Must be a valid boolean."]);
    },
  );
  test("the nullable one has words for null", () => {
    expect([null, "", "NULL", "no"].map((input) => value(drf.nullableBoolean(), input))).toEqual([
      null,
      null,
      null,
      false,
    ]);
    expect(value(drf.nullableBoolean(), "none")).toEqual(["Must be a valid boolean."]);
  });
});

describe("integer", () => {
  test.each([
    [5, 5],
    [wholeFloat(2), 2],
    ["7", 7],
    [" -7 ", -7],
    ["+1_000", 1000],
    ["1.00", 1],
    ["1.", 1],
  ])("reads %p as %p", (input, number) => {
    expect(value(drf.integer(), input)).toBe(number);
  });
  test.each(
    [1.5, "1.5", "", ".0", "1e3", "0x1", "1__0", "a", true, [], {}, [1], Infinity, wholeFloat(1e16)].map((input) => ({
      input,
    })),
  )("$input is none", ({ input }) => {
    expect(value(drf.integer(), input)).toEqual(["A valid integer is required."]);
  });
  test("bounds are those of 32 bits unless given", () => {
    expect(value(drf.integer(), 2147483648)).toEqual(["Ensure this value is less than or equal to 2147483647."]);
    expect(value(drf.integer(), "-99999999999999999999")).toEqual([
      "Ensure this value is greater than or equal to -2147483648.",
    ]);
    expect(value(drf.integer({ max: 9 }), 10)).toEqual(["Ensure this value is less than or equal to 9."]);
    expect(value(drf.integer({ max: 2 ** 53 - 1 }), 2 ** 40)).toBe(2 ** 40);
    expect(value(drf.integer(), "1".repeat(1001))).toEqual(["String value too large."]);
  });
});

describe("float", () => {
  test.each([
    [1.5, 1.5],
    [wholeFloat(2), 2],
    [true, 1],
    [" 1e3 ", 1000],
    [".5", 0.5],
    ["1_0.", 10],
  ])("reads %p as %p", (input, number) => {
    expect(value(drf.float(), input)).toBe(number);
  });
  test.each(["", "nan", "inf", "0x1", ".", "1e", [], {}, Infinity, "1e999"].map((input) => ({ input })))(
    "$input is none",
    ({ input }) => {
      expect(value(drf.float(), input)).toEqual(["A valid number is required."]);
    },
  );
  test("bounds", () => {
    expect(value(drf.float({ min: 0, max: 1 }), 2)).toEqual(["Ensure this value is less than or equal to 1."]);
    expect(value(drf.float({ min: 0, max: 1 }), -1)).toEqual(["Ensure this value is greater than or equal to 0."]);
  });
});

describe("choice", () => {
  const field = drf.choice(["ALL", "1"]);
  test("reads its texts, and what Python prints like one", () => {
    expect(["ALL", "1", 1].map((input) => value(field, input))).toEqual(["ALL", "1", "1"]);
  });
  test.each([
    ["x", '"x" is not a valid choice.'],
    [["ALL"], `"['ALL']" is not a valid choice.`],
    [true, '"True" is not a valid choice.'],
    ["__proto__", '"__proto__" is not a valid choice.'],
  ])("refuses %p", (input, message) => {
    expect(value(field, input)).toEqual([message]);
  });
});
