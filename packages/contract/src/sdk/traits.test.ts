import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { wholeFloat } from "../json/whole-float.ts";
import { readBulkTraits, readIncrement, readLegacyTrait, readTrait } from "./traits.ts";

const long = "x".repeat(2001);
const tooLong = "Value string is too long. Must be less than 2000 character";
const sent = (value: unknown, identifier: unknown = "a", key: unknown = "k") => ({
  identity: { identifier },
  trait_key: key,
  trait_value: value,
});
const refusal = (body: unknown) => ({ ok: false, status: 400, body });

describe("POST traits/", () => {
  test("reads identity, key and value", () => {
    expect(readTrait(sent(wholeFloat(2), " a ", 5))).toEqual({
      ok: true,
      value: { identifier: "a", key: "5", value: wholeFloat(2) },
    } as never);
    expect(readTrait({ ...sent([1, "x"]), transient: "nonsense" })).toMatchObject({
      ok: true,
      value: { value: "[1, 'x']" },
    });
  });

  test.each([
    [
      {},
      {
        identity: ["This field is required."],
        trait_value: ["This field is required."],
        trait_key: ["This field is required."],
      },
    ],
    [{ ...sent(1), identity: {} }, { identity: { identifier: ["This field is required."] } }],
    [
      { ...sent(1), identity: "a" },
      { identity: { non_field_errors: ["Invalid data. Expected a dictionary, but got str."] } },
    ],
    [sent(1, ""), { identity: { identifier: ["This field may not be blank."] } }],
    [sent(1, "a", " "), { trait_key: ["This field may not be blank."] }],
    [sent(null), { trait_value: ["This field may not be null."] }],
    [sent(long), { trait_value: [tooLong] }],
    [sent(1, long), { identity: { identifier: ["Ensure this field has no more than 2000 characters."] } }],
    [sent(1, "a", "x".repeat(201)), { trait_key: ["Ensure this field has no more than 200 characters."] }],
    [null, { non_field_errors: ["No data provided"] }],
    [[], { non_field_errors: ["Invalid data. Expected a dictionary, but got list."] }],
  ])("refuses case %#", (body, errors) => {
    expect(readTrait(body)).toEqual(refusal(errors) as never);
  });
});

describe("PUT traits/bulk/", () => {
  test("nulls are deletions, in their place", () => {
    expect(readBulkTraits([sent(1), sent(null, "b"), sent("", "c")])).toEqual({
      ok: true,
      value: [
        { identifier: "a", key: "k", value: 1 },
        { identifier: "b", key: "k", value: null },
        { identifier: "c", key: "k", value: "" },
      ],
    });
  });
  test("nothing to do is fine", () => {
    expect(readBulkTraits([])).toEqual({ ok: true, value: [] });
    expect(readBulkTraits({})).toEqual({ ok: true, value: [] });
  });
  test("errors are placed among the items that are no deletions", () => {
    expect(readBulkTraits([sent(long)])).toEqual(refusal([{ trait_value: [tooLong] }]) as never);
    expect(readBulkTraits([sent(null), sent(1), sent(long)])).toEqual(
      refusal([{}, { trait_value: [tooLong] }]) as never,
    );
    expect(readBulkTraits([{ identity: { identifier: "a" }, trait_key: "k" }])).toEqual(
      refusal([{ trait_value: ["This field is required."] }]) as never,
    );
  });
  test.each([
    [{ a: 1 }],
    ["x"],
    [5],
    [null],
    [[1]],
    [[sent(1), "x"]],
    [[wholeFloat(2)]],
    [[{ trait_key: "k", trait_value: null }]],
    [[{ identity: { identifier: "a" }, trait_value: null }]],
  ])("%j cannot be used at all", (body) => {
    expect(readBulkTraits(body)).toEqual(refusal({ detail: "Invalid request data" }) as never);
  });
});

describe("POST traits/increment-value/", () => {
  test.each([
    [5, 5],
    [-5, -5],
    ["7", 7],
    [wholeFloat(2), 2],
  ])("adds %p as %p", (increment_by, by) => {
    expect(readIncrement({ identifier: "a", trait_key: "k", increment_by })).toEqual({
      ok: true,
      value: { identifier: "a", key: "k", by },
    });
  });
  test("names what is missing or no integer", () => {
    const required = ["This field is required."];
    expect(readIncrement({})).toEqual(
      refusal({ trait_key: required, increment_by: required, identifier: required }) as never,
    );
    expect(readIncrement({ identifier: "a", trait_key: "k", increment_by: 1.5 })).toEqual(
      refusal({ increment_by: ["A valid integer is required."] }) as never,
    );
  });
});

describe("the route with the key in its path", () => {
  test("reads the value alone", () => {
    expect(readLegacyTrait({ trait_value: 5 })).toEqual({ ok: true, value: 5 });
    expect(readLegacyTrait({})).toEqual(refusal({ detail: "Trait value not provided" }) as never);
    expect(readLegacyTrait({ trait_value: null })).toEqual(
      refusal({ trait_value: ["This field may not be null."] }) as never,
    );
    expect(readLegacyTrait([])).toEqual(
      refusal({ non_field_errors: ["Invalid data. Expected a dictionary, but got list."] }) as never,
    );
  });
});

test("no reader throws, and none accepts what cannot be stored", () => {
  const anything = fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue(), fc.constant("\0"), fc.constant("\ud800"));
  const item = fc.record(
    { identity: fc.oneof(fc.record({ identifier: anything }), anything), trait_key: anything, trait_value: anything },
    { requiredKeys: [] },
  );
  const storable = (text: string) => text.isWellFormed() && !text.includes("\0");
  fc.assert(
    fc.property(fc.oneof(item, fc.array(item), anything), (body) => {
      readIncrement(body);
      readLegacyTrait(body);
      const one = readTrait(body);
      const bulk = readBulkTraits(body);
      for (const input of [...(one.ok ? [one.value] : []), ...(bulk.ok ? bulk.value : [])]) {
        expect(storable(input.identifier) && storable(input.key) && storable(String(input.value))).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});
