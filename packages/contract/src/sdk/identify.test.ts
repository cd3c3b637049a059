import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseJson } from "../json/parse-json.ts";
import { wholeFloat } from "../json/whole-float.ts";
import { maxBulkIdentities, readBulkIdentify, readIdentify, readIdentifyBySchema } from "./identify.ts";

const read = (text: string): unknown => {
  const parsed = parseJson(text);
  if (!parsed.ok) throw new Error(parsed.detail);
  const reading = readIdentify(parsed.value);
  return reading.ok ? reading.value : { status: reading.status, ...(reading.body as object) };
};

const refused = (text: string): unknown => {
  const { status, ...body } = read(text) as { status: number };
  expect(status).toBe(400);
  return body;
};

/** The value that `{"trait_value": text}` is read as. */
const traitValue = (text: string): unknown =>
  (read(`{"traits":[{"trait_key":"k","trait_value":${text}}]}`) as { traits: { value: unknown }[] }).traits[0]?.value;

const long = (length: number): string => JSON.stringify("x".repeat(length));

describe("an anonymous identity", () => {
  test.each(["{}", '{"identifier":null}', '{"identifier":""}', '{"identifier":" \\t"}'])("%s", (text) => {
    expect(read(text)).toEqual({ identifier: null, transient: false, traits: [] });
  });
});

describe("the identifier", () => {
  test.each([
    ['" a b "', "a b"],
    ["5", "5"],
    ["1.5", "1.5"],
    ["1.0", "1.0"],
    ["12345678901234567890", "12345678901234567890"],
    [long(2000), "x".repeat(2000)],
  ])("%.40s", (text, identifier) => {
    expect(read(`{"identifier":${text}}`)).toEqual({ identifier, transient: false, traits: [] });
  });

  test.each([
    ["true", "Not a valid string."],
    ["[]", "Not a valid string."],
    ["{}", "Not a valid string."],
    ['"a\\u0000b"', "Null characters are not allowed."],
    ['"\\ud800"', "Surrogate characters are not allowed: U+D800."],
    [long(2001), "Ensure this field has no more than 2000 characters."],
  ])("refuses %.20s", (text, message) => {
    expect(refused(`{"identifier":${text}}`)).toEqual({ identifier: [message] });
  });
});

describe("transient", () => {
  test.each(["true", "1", '"t"', '"yes"', '"on"', '"True"'])("%s is true", (text) => {
    expect(read(`{"transient":${text}}`)).toMatchObject({ transient: true });
  });
  test.each(["false", "0", '"off"', "null"])("%s is false", (text) => {
    expect(read(`{"transient":${text}}`)).toMatchObject({ transient: false });
  });
  test.each(["2", '"maybe"', "[]"])("%s is refused", (text) => {
    expect(refused(`{"transient":${text}}`)).toEqual({ transient: ["Must be a valid boolean."] });
  });
});

describe("traits", () => {
  test("null is absent, and keys may repeat", () => {
    expect(read('{"traits":null}')).toMatchObject({ traits: [] });
    expect(
      read('{"traits":[{"trait_key":"a","trait_value":1},{"trait_key":"a","trait_value":2,"transient":null}]}'),
    ).toMatchObject({
      traits: [
        { key: "a", value: 1, transient: false },
        { key: "a", value: 2, transient: false },
      ],
    });
  });

  test.each([
    ['{"traits":{}}', { traits: { non_field_errors: ['Expected a list of items but got type "dict".'] } }],
    ['{"traits":"x"}', { traits: { non_field_errors: ['Expected a list of items but got type "str".'] } }],
    ['{"traits":[3]}', { traits: [{ non_field_errors: ["Invalid data. Expected a dictionary, but got int."] }] }],
    ['{"traits":[null]}', { traits: [["This field may not be null."]] }],
    [
      '{"traits":[{}]}',
      { traits: [{ trait_key: ["This field is required."], trait_value: ["This field is required."] }] },
    ],
    ['{"traits":[{"trait_key":" ","trait_value":1}]}', { traits: [{ trait_key: ["This field may not be blank."] }] }],
    ['{"traits":[{"trait_key":null,"trait_value":1}]}', { traits: [{ trait_key: ["This field may not be null."] }] }],
    [
      `{"traits":[{"trait_key":${long(201)},"trait_value":1}]}`,
      { traits: [{ trait_key: ["Ensure this field has no more than 200 characters."] }] },
    ],
    [
      `{"traits":[{"trait_key":"a","trait_value":1},{"trait_key":"b","trait_value":${long(2001)}}]}`,
      { traits: [{}, { trait_value: ["Value string is too long. Must be less than 2000 character"] }] },
    ],
    [
      '{"traits":[{"trait_key":"a","trait_value":1,"transient":"x"}]}',
      { traits: [{ transient: ["Must be a valid boolean."] }] },
    ],
  ])("%.60s is refused", (text, body) => {
    expect(refused(text)).toEqual(body);
  });

  test.each([
    ["null", { non_field_errors: ["No data provided"] }],
    ["[]", { non_field_errors: ["Invalid data. Expected a dictionary, but got list."] }],
    ['"a"', { non_field_errors: ["Invalid data. Expected a dictionary, but got str."] }],
    ["1", { non_field_errors: ["Invalid data. Expected a dictionary, but got int."] }],
    ["1.0", { non_field_errors: ["Invalid data. Expected a dictionary, but got float."] }],
    ["false", { non_field_errors: ["Invalid data. Expected a dictionary, but got bool."] }],
  ])("a body of %s is refused", (text, body) => {
    expect(refused(text)).toEqual(body);
  });
});

describe("trait values", () => {
  test.each([
    ['" 1 "', " 1 "],
    ['""', ""],
    ["true", true],
    ["1", 1],
    ["-2147483648", -2147483648],
    ["2147483647", 2147483647],
    ["-0", 0],
    ["1.5", 1.5],
    ["1.0", wholeFloat(1)],
    ["1e3", wholeFloat(1000)],
    ["null", null],
    ["['a',1,null,true]".replaceAll("'", '"'), "['a', 1, None, True]"],
    ['{"foo":"bar"}', "{'foo': 'bar'}"],
    ['{"float":2}', "{'float': 2}"],
    ["[1.0, 10000000000000000000]", "[1.0, 10000000000000000000]"],
    [long(2000), "x".repeat(2000)],
    [JSON.stringify("😀".repeat(2000)), "😀".repeat(2000)],
  ])("%.40s", (text, value) => {
    expect(traitValue(text)).toEqual(value);
  });

  const range = "Ensure this value is between -2147483648 and 2147483647, or send it as a string or with a fraction.";
  test.each([
    ["2147483648", range],
    ["-2147483649", range],
    ["123456789012345678901234567890", range],
    ["1e999", "Out of range float values are not allowed."],
    ['"a\\u0000"', "Null characters are not allowed."],
    ['"\\udc00"', "Surrogate characters are not allowed: U+DC00."],
    [`[${long(1999)}]`, "Value string is too long. Must be less than 2000 character"],
  ])("refuses %.30s", (text, message) => {
    expect(refused(`{"traits":[{"trait_key":"k","trait_value":${text}}]}`)).toEqual({
      traits: [{ trait_value: [message] }],
    });
  });
});

test("minus zero is zero by either reader", () => {
  const input = { identifier: "a", traits: [{ trait_key: "k", trait_value: -0 }] };
  for (const reading of [readIdentify(input), readIdentifyBySchema(input)]) {
    expect(reading.ok && Object.is(reading.value.traits[0]?.value, 0)).toBe(true);
  }
});

describe("the fast reader and the schema agree", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "",
      " ",
      " a",
      "a\x1c",
      "\u0085a",
      "\ufeffa",
      "a\0",
      "\ud800",
      "😀",
      "x".repeat(200),
      "é",
      "😀".repeat(150),
    ),
    fc.constantFrom("x".repeat(201), "x".repeat(2000), "x".repeat(2001), "😀".repeat(1500)),
  );
  const number = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.constantFrom(0, -0, 2147483647, 2147483648, -2147483649, 1e16, Infinity, NaN),
    fc.bigInt(),
    fc.integer().map(wholeFloat),
  );
  const odd = fc.oneof(text, number, fc.boolean(), fc.constant(null), fc.constant(undefined), fc.jsonValue());
  const trait = fc.record(
    { trait_key: fc.oneof(text, odd), trait_value: odd, transient: fc.oneof(fc.boolean(), odd) },
    { requiredKeys: [] },
  );
  const body = fc.record(
    {
      identifier: fc.oneof(text, odd),
      transient: fc.oneof(fc.boolean(), odd),
      traits: fc.oneof({ weight: 4, arbitrary: fc.array(fc.oneof({ weight: 9, arbitrary: trait }, odd)) }, odd),
      other: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );

  test("on hostile bodies, which never make them throw", () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: body }, odd), (input) => {
        expect(readIdentify(input)).toEqual(readIdentifyBySchema(input));
      }),
      { numRuns: 3000 },
    );
  });

  test("on bodies with a single oddity", () => {
    const sound = { identifier: "a", transient: false, traits: [{ trait_key: "k", trait_value: 1, transient: true }] };
    const places = [
      (value: unknown) => ({ ...sound, identifier: value }),
      (value: unknown) => ({ ...sound, transient: value }),
      (value: unknown) => ({ ...sound, traits: value }),
      (value: unknown) => ({ ...sound, traits: [...sound.traits, value] }),
      (value: unknown) => ({ ...sound, traits: [{ ...sound.traits[0], trait_key: value }] }),
      (value: unknown) => ({ ...sound, traits: [{ ...sound.traits[0], trait_value: value }] }),
      (value: unknown) => ({ ...sound, traits: [{ ...sound.traits[0], transient: value }] }),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.oneof(text, odd), (place, value) => {
        const input = place(value);
        expect(readIdentify(input)).toStrictEqual(readIdentifyBySchema(input));
      }),
      { numRuns: 2000 },
    );
  });

  test("on plain bodies, which they accept", () => {
    const plainText = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom("a", "Z", "-", "é", "😀", "中") });
    const plain = fc.record({
      identifier: plainText,
      transient: fc.boolean(),
      traits: fc.array(
        fc.record({
          trait_key: plainText,
          trait_value: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(1.5)),
        }),
      ),
    });
    fc.assert(
      fc.property(plain, (input) => {
        const reading = readIdentify(input);
        expect(reading.ok).toBe(!JSON.stringify(input).includes("\\u0000"));
        expect(reading).toEqual(readIdentifyBySchema(input));
      }),
      { numRuns: 1000 },
    );
  });

  test("and let through only what every store takes", () => {
    fc.assert(
      fc.property(body, (input) => {
        const reading = readIdentify(input);
        if (!reading.ok) return;
        const { identifier, traits } = reading.value;
        const texts = [
          identifier ?? "",
          ...traits.flatMap(({ key, value }) => [key, typeof value === "string" ? value : ""]),
        ];
        for (const one of texts) expect(one.isWellFormed() && !one.includes("\0")).toBe(true);
        for (const { value } of traits) {
          if (typeof value === "number") expect(Number.isFinite(value)).toBe(true);
          if (typeof value === "number" && Number.isInteger(value)) expect(value | 0).toBe(value);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("bulk-identities", () => {
  test("each item is a POST identities/", () => {
    const body = {
      data: [{ identifier: " a ", traits: [{ trait_key: "k", trait_value: null }] }, { transient: true }],
    };
    expect(readBulkIdentify(body)).toEqual({
      ok: true,
      value: [
        { identifier: "a", transient: false, traits: [{ key: "k", value: null, transient: false }] },
        { identifier: null, transient: true, traits: [] },
      ],
    });
  });
  test.each([
    [{}, { data: ["This field is required."] }],
    [{ data: {} }, { data: { non_field_errors: ['Expected a list of items but got type "dict".'] } }],
    [{ data: [{ identifier: "a" }, { identifier: true }] }, { data: [{}, { identifier: ["Not a valid string."] }] }],
  ])("%j is refused", (body, errors) => {
    expect(readBulkIdentify(body)).toEqual({ ok: false, status: 400, body: errors });
  });
  test("items have a limit", () => {
    const items = (count: number) => readBulkIdentify({ data: Array.from({ length: count }, () => ({})) });
    expect(items(maxBulkIdentities).ok).toBe(true);
    expect(items(maxBulkIdentities + 1).ok).toBe(false);
  });
});
