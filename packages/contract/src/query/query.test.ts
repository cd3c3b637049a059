import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseQuery, printQuery, type Query, type QueryTerm } from "./index.ts";

function query(text: string): Query {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.message} (${parsed.position})`);
  return parsed.query;
}

const identifier = (mode: "exact" | "prefix" | "suffix" | "contains", text: string): Query => ({
  kind: "identifier",
  match: { mode, text },
});
const trait = (key: string, ...values: (string | number | boolean)[]): Query => ({
  kind: "trait",
  key,
  is: true,
  values,
});

describe("a query is read as", () => {
  const cases: readonly [text: string, expected: Query][] = [
    ["", { kind: "all" }],
    ["   ", { kind: "all" }],
    ["ann", identifier("contains", "ann")],
    ["ann@example.com", identifier("contains", "ann@example.com")],
    ["ann*", identifier("prefix", "ann")],
    ["*@x.com", identifier("suffix", "@x.com")],
    ['"a b"', identifier("contains", "a b")],
    ['"or"', identifier("contains", "or")],
    ['"say \\"hi\\" \\\\"', identifier("contains", 'say "hi" \\')],
    ["identifier:ann", identifier("exact", "ann")],
    ["identifier:pre*", identifier("prefix", "pre")],
    ["identifier:*mid*", identifier("contains", "mid")],
    ['identifier:"a*b"*', identifier("prefix", "a*b")],
    ["identifier:urn:user:1", identifier("exact", "urn:user:1")],
    ["plan:pro", trait("plan", "pro")],
    ["plan=pro", trait("plan", "pro")],
    ["age:5", trait("age", 5)],
    ['age:"5"', trait("age", "5")],
    ["zip:007", trait("zip", "007")],
    ["account:12345678901234567890", trait("account", "12345678901234567890")],
    ["price:-1.50", trait("price", -1.5)],
    ["paid:true", trait("paid", true)],
    ['paid:"true"', trait("paid", "true")],
    ['note:""', trait("note", "")],
    ["site:https://x.org/a?b=c", trait("site", "https://x.org/a?b=c")],
    ["plan:a,b,2,true", trait("plan", "a", "b", 2, true)],
    ["plan!=free", { kind: "trait", key: "plan", is: false, values: ["free"] }],
    ["age>=18", { kind: "trait-order", key: "age", comparison: ">=", value: 18 }],
    ["since<2026-01-01", { kind: "trait-order", key: "since", comparison: "<", value: "2026-01-01" }],
    ["email:*@x.com", { kind: "trait-text", key: "email", match: { mode: "suffix", text: "@x.com" } }],
    ["email:*mid*", { kind: "trait-text", key: "email", match: { mode: "contains", text: "mid" } }],
    ["has(plan)", { kind: "has", key: "plan" }],
    ["not has(plan)", { kind: "not", part: { kind: "has", key: "plan" } }],
    ["-has(plan)", { kind: "not", part: { kind: "has", key: "plan" } }],
    ['trait("odd key"):v', trait("odd key", "v")],
    ["trait(created)>5", { kind: "trait-order", key: "created", comparison: ">", value: 5 }],
    ["has:override", { kind: "override", feature: null }],
    ["has:override(dark-mode)", { kind: "override", feature: "dark-mode" }],
    ['segment:"beta users"', { kind: "segment", segment: "beta users" }],
    ["segment:12", { kind: "segment", segment: 12 }],
    ['segment:"12"', { kind: "segment", segment: "12" }],
    ["created>2026-01-01", { kind: "created", comparison: ">", time: { day: "2026-01-01" } }],
    ["created<30d", { kind: "created", comparison: "<", time: { age: 30, unit: "d" } }],
    ["created>=2026-01-01T10:30:00Z", { kind: "created", comparison: ">=", time: { moment: "2026-01-01T10:30:00Z" } }],
    ["last_seen>90d", { kind: "last_seen", comparison: ">", time: { age: 90, unit: "d" } }],
    ["a b", { kind: "and", parts: [identifier("contains", "a"), identifier("contains", "b")] }],
    ["a AND b", { kind: "and", parts: [identifier("contains", "a"), identifier("contains", "b")] }],
    [
      "a b or c",
      {
        kind: "or",
        parts: [
          { kind: "and", parts: [identifier("contains", "a"), identifier("contains", "b")] },
          identifier("contains", "c"),
        ],
      },
    ],
    [
      "a (b or c) -x:1",
      {
        kind: "and",
        parts: [
          identifier("contains", "a"),
          { kind: "or", parts: [identifier("contains", "b"), identifier("contains", "c")] },
          { kind: "not", part: trait("x", 1) },
        ],
      },
    ],
  ];
  test.each(cases)("%s", (text, expected) => {
    expect(query(text)).toEqual(expected);
    expect(query(printQuery(expected))).toEqual(expected);
  });
});

describe("what is wrong is told with its place", () => {
  const cases: readonly [text: string, position: number, length: number, message: RegExp][] = [
    ['plan:pro "open', 9, 5, /never closed/],
    ["plan:", 5, 0, /value is missing/],
    ["a or", 4, 0, /missing/],
    ["or a", 0, 2, /nothing before/],
    ["(a b", 0, 1, /never closed/],
    ["a b)", 3, 1, /no \( that this closes/],
    ["a ()", 2, 2, /nothing between/],
    ["ab*cd", 2, 1, /beginning or the end/],
    ["created:2026-01-01", 0, 8, /Compare created/],
    ["created>2026-02-31", 8, 10, /Neither a date/],
    ["last_seen>soon", 10, 4, /Neither a date/],
    ["age>true", 4, 4, /no order/],
    ["has:nothing", 0, 11, /has:override/],
    ["a - b", 2, 1, /right before/],
    ["identifier>5", 0, 11, /with : only/],
    ['"a"b', 3, 1, /space is missing/],
    ["trait(x)", 8, 0, /operator is missing/],
    ["plan:a,", 7, 0, /value is missing/],
  ];
  test.each(cases)("%s", (text, position, length, message) => {
    const parsed = parseQuery(text);
    expect(parsed).toMatchObject({ ok: false, position, length });
    expect(parsed.ok ? "" : parsed.message).toMatch(message);
  });

  test("a text, a nesting and a list of conditions beyond the limits", () => {
    expect(parseQuery("a".repeat(4_001))).toMatchObject({ ok: false, position: 4_000 });
    expect(parseQuery(`${"(".repeat(30)}a${")".repeat(30)}`)).toMatchObject({ ok: false });
    expect(parseQuery("a ".repeat(101))).toMatchObject({ ok: false, position: 200 });
    expect(parseQuery("-".repeat(3_000))).toMatchObject({ ok: false });
  });
});

test("every token has its place and its kind", () => {
  const text = 'plan:pro or -has("a b") ann';
  const parsed = parseQuery(text);
  const shown = parsed.tokens.map(({ kind, position, length }) => [kind, text.slice(position, position + length)]);
  expect(shown).toEqual([
    ["key", "plan"],
    ["operator", ":"],
    ["value", "pro"],
    ["keyword", "or"],
    ["operator", "-"],
    ["keyword", "has"],
    ["parenthesis", "("],
    ["key", '"a b"'],
    ["parenthesis", ")"],
    ["text", "ann"],
  ]);
});

test("every condition can be found in the text", () => {
  const text = "a (segment:beta or b)";
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(parsed.message);
  const places = [...parsed.places].map(([term, { position, length }]) => [
    term.kind,
    text.slice(position, position + length),
  ]);
  expect(places).toEqual([
    ["identifier", "a"],
    ["segment", "segment:beta"],
    ["identifier", "b"],
  ]);
});

const anyText = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12 }),
  fc.string({ minLength: 1, maxLength: 12, unit: "binary" }),
  fc.constantFrom("or", "NOT", "has", "trait", "-a", "a*b", 'q"q', "\\", "5", "true", "a:b", " ", "1e3", "30d"),
);
const anyNumber = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map((value) => (value === 0 ? 0 : value)),
);
const anyValue = fc.oneof(anyText, anyNumber, fc.boolean(), fc.constant(""));
const anyMatch = (modes: readonly ("exact" | "prefix" | "suffix" | "contains")[]) =>
  fc.record({ mode: fc.constantFrom(...modes), text: anyText });
const anyComparison = fc.constantFrom("<", "<=", ">", ">=") as fc.Arbitrary<"<" | "<=" | ">" | ">=">;
const anyTime = fc.oneof(
  fc.constantFrom({ day: "2026-01-31" }, { moment: "2026-01-31T10:00:00.5Z" }),
  fc.record({ age: fc.nat(999_999), unit: fc.constantFrom("h", "d", "w") as fc.Arbitrary<"h" | "d" | "w"> }),
);
const anyTerm: fc.Arbitrary<QueryTerm> = fc.oneof(
  fc.record({ kind: fc.constant("identifier" as const), match: anyMatch(["exact", "prefix", "suffix", "contains"]) }),
  fc.record({
    kind: fc.constant("trait" as const),
    key: anyText,
    is: fc.boolean(),
    values: fc.uniqueArray(anyValue, { minLength: 1, maxLength: 4, comparator: "SameValueZero" }),
  }),
  fc.record({
    kind: fc.constant("trait-text" as const),
    key: anyText,
    match: anyMatch(["prefix", "suffix", "contains"]),
  }),
  fc.record({
    kind: fc.constant("trait-order" as const),
    key: anyText,
    comparison: anyComparison,
    value: fc.oneof(anyText, anyNumber),
  }),
  fc.record({ kind: fc.constant("has" as const), key: anyText }),
  fc.record({ kind: fc.constant("override" as const), feature: fc.option(anyText) }),
  fc.record({ kind: fc.constant("segment" as const), segment: fc.oneof(anyText, fc.integer({ min: 1 })) }),
  fc.record({ kind: fc.constant("created" as const), comparison: anyComparison, time: anyTime }),
  fc.record({ kind: fc.constant("last_seen" as const), comparison: anyComparison, time: anyTime }),
);
const flat = (kind: "and" | "or", parts: readonly Query[]): Query => ({
  kind,
  parts: parts.flatMap((part) => (part.kind === kind ? part.parts : [part])),
});
const { anyQuery } = fc.letrec<{ anyQuery: Query }>((tie) => ({
  anyQuery: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    anyTerm,
    fc.array(tie("anyQuery"), { minLength: 2, maxLength: 3 }).map((parts) => flat("and", parts)),
    fc.array(tie("anyQuery"), { minLength: 2, maxLength: 3 }).map((parts) => flat("or", parts)),
    tie("anyQuery").map((part): Query => ({ kind: "not", part })),
  ),
}));

test("what is printed is read as the same query", () => {
  fc.assert(
    fc.property(anyQuery, (wanted) => {
      expect(query(printQuery(wanted))).toEqual(wanted);
    }),
    { numRuns: 2_000 },
  );
});

const anyPieces = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "(",
        ")",
        '"',
        "\\",
        "*",
        ":",
        "!=",
        ">",
        "<=",
        "-",
        ",",
        " ",
        "or",
        "not",
        "has",
        "has:override",
      ),
      fc.constantFrom("trait(", "created<", "last_seen>", "segment:", "30d", "2026-01-01", "plan", "true", "-1.5"),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(""));

test("no text is too odd to be answered, and places lie inside the text", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), anyPieces), (text) => {
      const parsed = parseQuery(text);
      let last = 0;
      for (const { position, length } of parsed.tokens) {
        expect(position).toBeGreaterThanOrEqual(last);
        expect(length).toBeGreaterThan(0);
        last = position + length;
      }
      expect(last).toBeLessThanOrEqual(text.length);
      if (parsed.ok) expect(query(printQuery(parsed.query))).toEqual(parsed.query);
      else expect(parsed.position + parsed.length).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 5_000 },
  );
});
