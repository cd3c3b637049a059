/** Input that no SDK would send, as text on the wire: JSON that is nearly right, wrong, or no JSON. */
import fc from "fast-check";

/** JSON as it is written, so that it may hold what no JavaScript value holds: keys twice, 1e999, lone surrogates. */
export type JsonText = string;

const PROTOTYPE_NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "then"];

const oddStrings: fc.Arbitrary<JsonText> = fc.constantFrom(
  '""',
  '" "',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\ud83d\\ude00"',
  '"\\u2028"',
  '"\\ufeff"',
  '"\\ufffd"',
  '"null"',
  '"NaN"',
  `"${"x".repeat(2001)}"`,
  `"${"😀".repeat(201)}"`,
  '"$.identity.traits.x"',
  '"\' OR 1=1 --"',
  '"<script>"',
  ...PROTOTYPE_NAMES.map((name) => `"${name}"`),
);

const oddNumbers: fc.Arbitrary<JsonText> = fc.constantFrom(
  "0",
  "-0",
  "-0.0",
  "1.0",
  "1e3",
  "1E-400",
  "1e999",
  "-1e999",
  "2147483647",
  "2147483648",
  "-2147483648",
  "-2147483649",
  "9007199254740993",
  "123456789012345678901234567890",
  "0.1",
  "5e-324",
  "1.7976931348623157e308",
);

/** What a JSON parser must refuse. */
const notJson: fc.Arbitrary<JsonText> = fc.constantFrom(
  "NaN",
  "Infinity",
  "-Infinity",
  "01",
  "+1",
  "1.",
  ".5",
  "0x10",
  "undefined",
  "'a'",
  '"\t"',
  '"\\x41"',
  '"\\u12"',
  "[1,]",
  '{"a":1,}',
  "{a:1}",
  "tru",
  "",
);

const scalar: fc.Arbitrary<JsonText> = fc.oneof(
  { weight: 4, arbitrary: oddStrings },
  { weight: 3, arbitrary: oddNumbers },
  { weight: 2, arbitrary: fc.constantFrom("true", "false", "null") },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 20 }).map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: notJson },
);

const list = (items: readonly JsonText[]): JsonText => `[${items.join(",")}]`;
const object = (members: readonly (readonly [JsonText, JsonText])[]): JsonText =>
  `{${members.map(([key, value]) => `${key}:${value}`).join(",")}}`;

const anyJson: fc.Arbitrary<JsonText> = fc.letrec<{ json: JsonText }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("json"), { maxLength: 4 }).map(list),
    fc.array(fc.tuple(oddStrings, tie("json")), { maxLength: 4 }).map(object),
  ),
})).json;

const deep: fc.Arbitrary<JsonText> = fc.constantFrom(
  "[".repeat(50_000),
  '{"a":'.repeat(50_000),
  `${"[".repeat(2000)}1${"]".repeat(2000)}`,
  `${'{"traits":'.repeat(1000)}1${"}".repeat(1000)}`,
);

/** An object with the right names and mostly wrong values, some names missing, doubled or from a prototype. */
function nearly(fields: Readonly<Record<string, fc.Arbitrary<JsonText>>>): fc.Arbitrary<JsonText> {
  const one = (value: fc.Arbitrary<JsonText>) => value.map((text) => [text]);
  const member = ([name, right]: [string, fc.Arbitrary<JsonText>]) =>
    fc
      .oneof(
        { weight: 12, arbitrary: one(right) },
        { weight: 1, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.tuple(right, right) },
        { weight: 1, arbitrary: one(anyJson) },
      )
      .map((values) => values.map((value): [JsonText, JsonText] => [JSON.stringify(name), value]));
  const extra = fc.array(fc.tuple(oddStrings, anyJson), { maxLength: 1, size: "xsmall" });
  return fc
    .tuple(...Object.entries(fields).map(member), extra)
    .map((members) => object(members.flat() as [JsonText, JsonText][]));
}

const identifier = fc.oneof(
  { weight: 4, arbitrary: fc.nat(999).map((n) => `"hostile-${n}"`) },
  { weight: 1, arbitrary: oddStrings },
);
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('"plan"', '"age"', '"k"', ...PROTOTYPE_NAMES.map((name) => `"${name}"`)) },
  { weight: 1, arbitrary: oddStrings },
);
const value = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('"pro"', "1", "1.5", "1.0", "-7", "true", "null", "[1,true]", '{"a":null}') },
  { weight: 2, arbitrary: scalar },
  { weight: 1, arbitrary: anyJson },
);
const transient = fc.constantFrom("true", "false", "1", '"yes"', "null");
const trait = nearly({ trait_key: key, trait_value: value, transient });
const many = (item: fc.Arbitrary<JsonText>) =>
  fc.oneof({ weight: 8, arbitrary: fc.array(item, { maxLength: 4 }).map(list) }, { weight: 1, arbitrary: anyJson });
const identity = nearly({ identifier, transient, traits: many(trait) });
const legacyTrait = nearly({ identity: nearly({ identifier }), trait_key: key, trait_value: value });

/** Bodies that are made for a route, by its path. */
export const bodiesFor: Readonly<Record<string, fc.Arbitrary<JsonText>>> = {
  "/api/v1/identities/": identity,
  "/api/v1/bulk-identities/": nearly({ data: many(identity) }),
  "/api/v1/traits/": legacyTrait,
  "/api/v1/traits/bulk/": many(legacyTrait),
  "/api/v1/traits/increment-value/": nearly({
    identifier,
    trait_key: key,
    increment_by: fc.oneof(fc.integer({ min: -9, max: 9 }).map(String), value),
  }),
  "/api/v1/analytics/flags/": nearly({ on: value, __proto__x: value }),
  "/api/v2/analytics/flags/": nearly({
    evaluations: many(
      nearly({
        feature_name: fc.constantFrom('"on"', '"off"'),
        identity_identifier: identifier,
        enabled_when_evaluated: transient,
        count: value,
      }),
    ),
  }),
  "/api/v1/identities/hostile/traits/plan": nearly({ trait_value: value }),
};

export const contentTypes: fc.Arbitrary<string | undefined> = fc.oneof(
  { weight: 12, arbitrary: fc.constant("application/json") },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      undefined,
      "application/json; charset=utf-8",
      "application/json; charset=utf-16",
      "application/json; charset=nonsense",
      "application/json;;;=",
      "APPLICATION/JSON",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "multipart/form-data; boundary=b",
      'multipart/form-data; boundary="',
      "text/plain",
      "text/html",
      "application/octet-stream",
      "/",
      "application/json, text/plain",
      "a".repeat(500),
    ),
  },
);

/** A body for a route: made for it, or any JSON, text, form or bytes. */
export function bodies(path: string): fc.Arbitrary<string | Uint8Array> {
  const made = bodiesFor[path] ?? anyJson;
  return fc.oneof(
    { weight: 12, arbitrary: made },
    { weight: 3, arbitrary: anyJson },
    { weight: 1, arbitrary: deep },
    { weight: 1, arbitrary: made.map((text) => text.slice(0, Math.floor(text.length * 0.7))) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(made, fc.uint8Array({ minLength: 1, maxLength: 3 }))
        .map(([text, bytes]) => Buffer.concat([Buffer.from(text.slice(0, 12)), bytes, Buffer.from(text.slice(12))])),
    },
    {
      weight: 1,
      arbitrary: fc
        .string({ maxLength: 40 })
        .map(
          (text) =>
            `identifier=${encodeURIComponent(text)}&traits[0]trait_key=%00&traits[0][__proto__]=x&traits[99999999]trait_value=%ff`,
        ),
    },
  );
}

/** Path parts and queries as they go into the request line; printable, without a space. */
export const oddParts: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "%",
    "%2",
    "%zz",
    "%00",
    "%ff",
    "%c0%af",
    "%2e%2e",
    "..",
    ".",
    "%2F",
    "%25",
    "%F0%9F%98%80",
    "%ed%a0%80",
    "+",
    "a+b",
    "%2B",
    ";x=1",
    "\\",
    "{}",
    "|",
    "^",
    "`",
    "__proto__",
    "constructor",
    "*",
    ":identifier",
    "%3A",
    "a%0d%0ab",
    "~",
    "'",
    '"',
    "<>",
    "%u0041",
    "9".repeat(400),
    "x".repeat(3000),
  ),
  fc.string({ maxLength: 12 }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.stringMatching(/^[!-~]{0,10}$/).map((text) => text.replace(/[?#]/g, "")),
);
