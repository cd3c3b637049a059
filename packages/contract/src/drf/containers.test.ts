import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { z } from "zod";
import { wholeFloat } from "../json/whole-float.ts";
import * as drf from "./index.ts";

const answer = (schema: z.ZodType, input: unknown): unknown => {
  const parsed = drf.parse(schema, input);
  return parsed.ok ? { value: parsed.value } : parsed.body;
};

const item = drf.object({ key: drf.string(), count: drf.integer().optional() });

describe("object", () => {
  test.each([
    ["a", "str"],
    [1, "int"],
    [1.5, "float"],
    [wholeFloat(2), "float"],
    [true, "bool"],
    [[], "list"],
  ])("refuses %p by its Python type", (input, type) => {
    const body = { non_field_errors: [`Invalid data. Expected a dictionary, but got ${type}.`] };
    expect(answer(item, input)).toEqual(body);
    expect(answer(drf.object({ inner: item }), { inner: input })).toEqual({ inner: body });
  });
  test("null as a whole body is no data; inside one it is null", () => {
    expect(answer(item, null)).toEqual({ non_field_errors: ["No data provided"] });
    expect(answer(drf.many(item), null)).toEqual({ non_field_errors: ["No data provided"] });
    expect(answer(drf.object({ inner: item }), { inner: null })).toEqual({ inner: ["This field may not be null."] });
    expect(answer(drf.object({ inner: item }), {})).toEqual({ inner: ["This field is required."] });
  });
  test("drops keys it does not know", () => {
    expect(answer(item, { key: "a", other: 1 })).toEqual({ value: { key: "a" } });
  });
});

describe("many", () => {
  const list = drf.object({ items: drf.many(item, { allowEmpty: false, minLength: 1, maxLength: 3 }) });
  test("errors are positional, sound items are {}", () => {
    expect(answer(list, { items: [{ key: "a" }, {}, 3] })).toEqual({
      items: [
        {},
        { key: ["This field is required."] },
        { non_field_errors: ["Invalid data. Expected a dictionary, but got int."] },
      ],
    });
    expect(answer(list, { items: [{}, { key: "a" }, { key: "b" }] })).toEqual({
      items: [{ key: ["This field is required."] }, {}, {}],
    });
    expect(answer(list, { items: [null, { key: "a" }] })).toEqual({ items: [["This field may not be null."], {}] });
  });
  test.each([
    ["x", 'Expected a list of items but got type "str".'],
    [{}, 'Expected a list of items but got type "dict".'],
    [5, 'Expected a list of items but got type "int".'],
    [[], "This list may not be empty."],
    [[1, 2, 3, 4], "Ensure this field has no more than 3 elements."],
  ])("refuses %p as a whole", (input, message) => {
    expect(answer(list, { items: input })).toEqual({ items: { non_field_errors: [message] } });
  });
});

describe("list and dictionary", () => {
  const numbers = drf.list(drf.integer({ max: 9 }), { minLength: 2, maxLength: 3 });
  test("errors of items are keyed by index, those of the list are plain", () => {
    expect(answer(numbers, [1, "x", 10])).toEqual({
      "1": ["A valid integer is required."],
      "2": ["Ensure this value is less than or equal to 9."],
    });
    expect(answer(numbers, {})).toEqual(['Expected a list of items but got type "dict".']);
    expect(answer(numbers, [1])).toEqual(["Ensure this field has at least 2 elements."]);
    expect(answer(numbers, [1, 2, 3, 4])).toEqual(["Ensure this field has no more than 3 elements."]);
    expect(answer(numbers, ["1", wholeFloat(2)])).toEqual({ value: [1, 2] });
    expect(answer(drf.list(item), [{}, { key: "a" }])).toEqual({ "0": { key: ["This field is required."] } });
  });
  test("a dictionary's are keyed by key", () => {
    const words = drf.dictionary(drf.string({ maxLength: 2 }));
    expect(answer(words, { a: "ok", b: "long" })).toEqual({ b: ["Ensure this field has no more than 2 characters."] });
    expect(answer(words, [])).toEqual(['Expected a dictionary of items but got type "list".']);
    expect(answer(words, { a: 1 })).toEqual({ value: { a: "1" } });
  });
});

describe("a flood of mistakes", () => {
  const bad = (count: number) => Array.from({ length: count }, () => 3);
  const named = (body: unknown) => JSON.stringify(body).match(/Expected a dictionary/g)?.length;
  test("is answered in part, in the list's full length", () => {
    const body = answer(drf.object({ items: drf.many(item) }), { items: [{ key: "a" }, ...bad(5000)] }) as {
      items: unknown[];
    };
    expect(body.items.length).toBe(5001);
    expect(named(body)).toBe(drf.maxUnsoundItems);
    expect(body.items[0]).toEqual({});
    expect(named(answer(drf.list(item), bad(5000)))).toBe(drf.maxUnsoundItems);
    expect(named(answer(drf.dictionary(item), { ...bad(5000) }))).toBe(drf.maxUnsoundItems);
    expect(named(answer(drf.many(item), bad(drf.maxUnsoundItems)))).toBe(drf.maxUnsoundItems);
  });
  test("does not hide one far behind", () => {
    const items = [...Array.from({ length: 5000 }, () => ({ key: "a" })), {}];
    expect((answer(drf.many(item), items) as unknown[]).at(-1)).toEqual({ key: ["This field is required."] });
  });
  test("does not exhaust the stack in a plain zod list", () => {
    expect((answer(z.array(z.object({})), bad(200_000)) as unknown[]).length).toBe(200_000);
  });
});

test("plain zod schemas speak the same words", () => {
  const schema = z.object({
    text: z.string().min(1).max(3),
    number: z.number().max(5),
    int: z.int(),
    flag: z.boolean(),
    kind: z.enum(["A", "B"]),
    mail: z.email(),
    inner: z.object({ a: z.string() }),
    list: z.array(z.object({ a: z.string() })),
    own: z.string().max(1, "Too long for me."),
  });
  expect(answer(schema, {})).toEqual(
    Object.fromEntries(Object.keys(schema.shape).map((key) => [key, ["This field is required."]])),
  );
  expect(
    answer(schema, {
      text: "long",
      number: 6,
      int: "1",
      flag: 1,
      kind: "C",
      mail: "x",
      inner: [],
      list: [{ a: "a" }, { a: null }, 3],
      own: "ab",
    }),
  ).toEqual({
    text: ["Ensure this field has no more than 3 characters."],
    number: ["Ensure this value is less than or equal to 5."],
    int: ["A valid integer is required."],
    flag: ["Must be a valid boolean."],
    kind: ['"C" is not a valid choice.'],
    mail: ["Enter a valid email address."],
    inner: { non_field_errors: ["Invalid data. Expected a dictionary, but got list."] },
    list: [
      {},
      { a: ["This field may not be null."] },
      { non_field_errors: ["Invalid data. Expected a dictionary, but got int."] },
    ],
    own: ["Too long for me."],
  });
  expect(answer(schema, 5)).toEqual({ non_field_errors: ["Invalid data. Expected a dictionary, but got int."] });
});

test("a rule over several fields lands in the non-field errors", () => {
  const schema = item.refine(({ key }) => key !== "x", { path: [drf.nonFieldErrors], message: "Not that one." });
  expect(answer(schema, { key: "x" })).toEqual({ non_field_errors: ["Not that one."] });
});

test("any input gets a value or a body, and bodies hold only texts, lists and objects", () => {
  const schema = drf.object({
    a: drf.string(),
    b: drf.many(item),
    c: drf.list(drf.boolean()),
    d: drf.dictionary(drf.float()).optional(),
  });
  const anyBody = fc.oneof(
    fc.jsonValue(),
    fc.record(
      { a: fc.jsonValue(), b: fc.jsonValue(), c: fc.array(fc.jsonValue()), d: fc.jsonValue() },
      { requiredKeys: [] },
    ),
  );
  fc.assert(
    fc.property(anyBody, (input) => {
      const parsed = drf.parse(schema, input);
      if (parsed.ok) return;
      expect(JSON.parse(JSON.stringify(parsed.body))).toEqual(parsed.body as never);
      expect(JSON.stringify(parsed.body)).toMatch(/\["[^"]+/);
    }),
    { numRuns: 1000 },
  );
});

test("fields document themselves", () => {
  const schema = z.toJSONSchema(drf.object({ a: drf.string({ maxLength: 5 }).describe("An a.") }), { io: "input" });
  expect(schema.properties).toEqual({ a: { type: "string", minLength: 1, maxLength: 5, description: "An a." } });
});
