import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { wholeFloat } from "../json/whole-float.ts";
import { readAnalyticsV1, readAnalyticsV2 } from "./analytics.ts";

describe("version 1", () => {
  test("takes int counts and skips all others", () => {
    const body = { f1: 3, f2: 2.5, f3: "3", f4: true, f5: null, f6: wholeFloat(2), f7: 2 ** 40, "a\0": 1, "F 1": 0 };
    expect(readAnalyticsV1(body)).toEqual({
      ok: true,
      value: [
        { featureName: "f1", enabled: null, count: 3, identifier: null },
        { featureName: "F 1", enabled: null, count: 0, identifier: null },
      ],
    });
    expect(readAnalyticsV1({})).toEqual({ ok: true, value: [] });
  });
  test.each([[[]], ["x"], [1], [true], [wholeFloat(1)]])("%j is no report", (body) => {
    expect(readAnalyticsV1(body)).toEqual({
      ok: false,
      status: 400,
      body: { non_field_errors: ["Expected a JSON object."] },
    });
  });
  test("null is no data", () => {
    expect(readAnalyticsV1(null)).toMatchObject({ body: { non_field_errors: ["No data provided"] } });
  });
});

describe("version 2", () => {
  const evaluation = { feature_name: "f", enabled_when_evaluated: true, count: 2 };
  test("takes evaluations", () => {
    expect(
      readAnalyticsV2({ evaluations: [evaluation, { ...evaluation, identity_identifier: "a", count: "3" }] }),
    ).toEqual({
      ok: true,
      value: [
        { featureName: "f", enabled: true, count: 2, identifier: null },
        { featureName: "f", enabled: true, count: 3, identifier: "a" },
      ],
    });
  });
  test.each([
    [{}, { evaluations: ["This field is required."] }],
    [{ evaluations: {} }, { evaluations: { non_field_errors: ['Expected a list of items but got type "dict".'] } }],
    [
      { evaluations: [{}] },
      {
        evaluations: [
          {
            feature_name: ["This field is required."],
            enabled_when_evaluated: ["This field is required."],
            count: ["This field is required."],
          },
        ],
      },
    ],
    [
      { evaluations: [evaluation, { ...evaluation, identity_identifier: null }] },
      { evaluations: [{}, { identity_identifier: ["This field may not be null."] }] },
    ],
  ])("refuses %j", (body, errors) => {
    expect(readAnalyticsV2(body)).toEqual({ ok: false, status: 400, body: errors });
  });
});

test("no report makes a reader throw, and counts are ints of 32 bits", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(fc.string(), fc.oneof(fc.double(), fc.integer()))), (body) => {
      readAnalyticsV2({ evaluations: body });
      const reading = readAnalyticsV1(body);
      if (reading.ok) for (const { count } of reading.value) expect(count | 0).toEqual(count + 0);
    }),
  );
});
