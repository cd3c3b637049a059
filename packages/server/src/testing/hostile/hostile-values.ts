/** Values that nobody should send, and bodies and paths made of them. */
import fc from "fast-check";

const deep = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const deepObject = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

/** As JSON text, because some of them no JSON.stringify would write. */
const TEXTS = [
  "null",
  "true",
  "[]",
  "{}",
  "0",
  "-0",
  "-1",
  "1.5",
  "2.0",
  "1e400",
  "-1e400",
  "2147483648",
  "-2147483649",
  "9007199254740993",
  "123456789012345678901234567890",
  `1${"0".repeat(1500)}`,
  '""',
  '" "',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\udc00x"',
  '"\\ud83d\\ude00"',
  '"NaN"',
  '"null"',
  '"true"',
  '"\' OR 1=1; --"',
  '"%s%n{{7*7}}"',
  '"<script>alert(1)</script>"',
  '"../../etc/passwd"',
  '"\\u202e\\u200b\\ufeff"',
  '"(a+)+$"',
  '"["',
  '"2026-13-45T99:99:99Z"',
  '"1970-01-01T00:00:00Z"',
  `"${"x".repeat(30_000)}"`,
  `"${"😀".repeat(3_000)}"`,
  '{"__proto__":{"admin":true},"constructor":1,"toString":2,"":3}',
  "[null]",
  "[[],{},[[]]]",
  '[{"id":1},{"id":1},{"id":-1}]',
  '{"id":{"id":{"id":1}}}',
  deep(50),
  deep(5_000),
  deepObject(200),
  `[${Array.from({ length: 2_000 }, () => "{}").join(",")}]`,
  `[${Array.from({ length: 5_000 }, (_, i) => i).join(",")}]`,
] as const;

/** JSON text. */
export const hostileJson = (): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...TEXTS) },
    { weight: 1, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 30 }).map((text) => JSON.stringify(text)) },
  );

export interface RawBody {
  readonly contentType: string | undefined;
  readonly bytes: Uint8Array<ArrayBuffer> | string;
}

const asJson = (bytes: RawBody["bytes"]): RawBody => ({ contentType: "application/json", bytes });

/** Bodies that are no JSON, or not as their content type says. */
export const brokenBody = (): fc.Arbitrary<RawBody> =>
  fc.constantFrom<RawBody>(
    asJson(""),
    asJson("{"),
    asJson('{"name": }'),
    asJson('{"a":1,"a":2}'),
    asJson("{'name':'x'}"),
    asJson("NaN"),
    asJson("\u0000"),
    asJson("\ufeff{}"),
    asJson(new Uint8Array([0x22, 0xff, 0xfe, 0x22])),
    asJson(new Uint8Array([0xed, 0xa0, 0x80])),
    asJson(`{"name":"${"y".repeat(1_100_000)}"}`),
    { contentType: undefined, bytes: '{"name":"x"}' },
    { contentType: "text/plain", bytes: "name=x" },
    { contentType: "application/xml", bytes: "<name>x</name>" },
    { contentType: "application/json; charset=utf-16", bytes: '{"name":"x"}' },
    { contentType: "application/json; charset=nonsense", bytes: '{"name":"x"}' },
    { contentType: "application/x-www-form-urlencoded", bytes: "name=%00&name=%ff&a[b][c]=1&=&&%" },
    { contentType: "multipart/form-data", bytes: "--x\r\n" },
    { contentType: "multipart/form-data; boundary=x", bytes: '--x\r\nContent-Disposition: form-data; name="a' },
    { contentType: "/", bytes: "{}" },
  );

/** One segment of a path, escaped as it is sent. */
export const hostileSegment = (): fc.Arbitrary<string> =>
  fc.constantFrom(
    "0",
    "-1",
    "1.0",
    "1e3",
    "%20",
    "%00",
    "1%00",
    "%ff",
    "%",
    "%zz",
    "%ed%a0%80",
    "%2e%2e%2f",
    "1%2F2",
    "null",
    "undefined",
    "__proto__",
    "2147483648",
    "9007199254740993",
    "99999999999999999999999",
    "%F0%9F%98%80",
    "%27%20OR%201%3D1",
    "00000000-0000-0000-0000-000000000000",
    "x".repeat(3_000),
    "1;2",
    "+1",
    "0x10",
  );

/** A parameter's value in a query, escaped as it is sent. */
export const hostileQuery = (): fc.Arbitrary<string> =>
  fc.oneof(
    hostileSegment(),
    fc.constantFrom(
      "",
      "1,2,3",
      ",,,",
      "1,x",
      "true",
      "-5",
      "1000000000",
      "%22%22",
      "%25_%5C",
      "%5B%5D",
      "a&a=b",
      "%22",
    ),
  );
