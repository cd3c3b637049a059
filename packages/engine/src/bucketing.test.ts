import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { bucket, percentage } from "./bucketing.ts";
import { documentOf, segmentOf, stateOf } from "./example-documents.ts";
import { compile, evaluate } from "./index.ts";

// Thousands of runs, on machines that may be busy with other things.
setDefaultTimeout(60_000);

/** The definition, with bignum and hex text: slow and plainly right. */
function plainPercentage(ids: readonly string[], times = 1): number {
  const text = Array.from({ length: times }, () => ids)
    .flat()
    .join(",");
  const digest = createHash("md5").update(text, "utf8").digest("hex");
  const share = (Number(BigInt(`0x${digest}`) % 9999n) / 9998) * 100;
  return share === 100 ? plainPercentage(ids, times + 1) : share;
}

const wholeText = fc.string({ unit: "grapheme", maxLength: 90 });

describe("percentage", () => {
  test("is what MD5, a bignum and Python's arithmetic give, for texts of every script and length", () => {
    fc.assert(
      fc.property(fc.array(wholeText, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 3 }), (ids, times) => {
        expect(percentage(ids, times)).toBe(plainPercentage(ids, times));
      }),
      { numRuns: 2000 },
    );
  });

  test("crosses every block boundary of MD5 correctly", () => {
    for (let length = 0; length < 200; length += 1) {
      expect(percentage(["a".repeat(length)])).toBe(plainPercentage(["a".repeat(length)]));
      expect(percentage(["ü".repeat(length)])).toBe(plainPercentage(["ü".repeat(length)]));
    }
  });

  test("hashes the list again, one time longer, where it would be a hundred", () => {
    expect(percentage(["1", "u11401"])).toBe(percentage(["1", "u11401", "1", "u11401"]));
    expect(percentage(["1", "u15001"])).toBe(0.9001800360072014);
  });

  test("reaches zero and exactly fifty", () => {
    expect(percentage(["1", "u18351"])).toBe(0);
    expect(percentage(["1", "w13603"])).toBe(50);
  });

  test("spreads ids evenly: chi-square over 100 buckets stays below its 99.99 % quantile", () => {
    for (const owner of ["1", "78986", "segment"]) {
      const counts = new Array<number>(100).fill(0);
      const total = 50_000;
      for (let id = 0; id < total; id += 1) {
        const at = Math.floor(percentage([owner, `user-${id}`]));
        counts[at] = (counts[at] ?? 0) + 1;
      }
      const expected = total / counts.length;
      const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      expect(chiSquare).toBeLessThan(161.3);
    }
  });
});

test("the hot path's bucket is the same number", () => {
  fc.assert(
    fc.property(wholeText, wholeText, (owner, subject) => {
      expect(bucket(`${owner},`, subject)).toBe(percentage([owner, subject]));
    }),
    { numRuns: 2000 },
  );
  expect(bucket("1,", "u15001")).toBe(0.9001800360072014);
});

test("raising a percentage moves nobody out", () => {
  const inAt = (percent: number, identifier: string) => {
    const rule = {
      type: "ALL",
      rules: [],
      conditions: [{ operator: "PERCENTAGE_SPLIT", property_: "", value: `${percent}` }],
    };
    const document = documentOf([stateOf(1, "sail")], [segmentOf(7, "split", [rule], [])]);
    return evaluate(compile(document), { identifier }).segments.length === 1;
  };
  const percent = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(percent, percent, wholeText, (one, other, identifier) => {
      if (inAt(Math.min(one, other), identifier)) expect(inAt(Math.max(one, other), identifier)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("raising the first variant's weight moves nobody out of it", () => {
  const drawn = (weight: number, identifier: string) => {
    const state = stateOf(1, "sail", { weights: [weight, 100 - weight] });
    return evaluate(compile(documentOf([state], [])), { identifier }).flags["sail"]?.variant;
  };
  const weight = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(weight, weight, wholeText, (one, other, identifier) => {
      if (drawn(Math.min(one, other), identifier) === "key-0")
        expect(drawn(Math.max(one, other), identifier)).toBe("key-0");
    }),
    { numRuns: 500 },
  );
});
