import { expect, test } from "bun:test";
import { foundOf, sayCount, sayTotal } from "./totals.ts";

test("exact counts are told to the last one, estimates as such", () => {
  expect(sayCount({ count: 12_480, exact: true })).toBe("12,480");
  expect(sayCount({ count: 1_234_567, exact: false })).toBe("about 1.2M");
  expect(sayCount({ count: 900, exact: false })).toBe("about 900");
});

test("what is found is told beside what there is", () => {
  const all = { count: 1_234_567, exact: false };
  expect(sayTotal({ count: 12_480, exact: true }, all, false)).toBe("12,480 of about 1.2M identities");
  expect(sayTotal(null, all, false)).toBe("of about 1.2M identities");
  expect(sayTotal({ count: 1, exact: true }, { count: 1, exact: true }, true)).toBe("1 identity");
  expect(sayTotal(null, null, false)).toBe("");
});

test("what was looked through to its end was counted, whatever was estimated before", () => {
  const total = { count: 400, exact: false };
  expect(foundOf({ results: [], next: null, total }, true)).toEqual({ count: 0, exact: true });
  expect(foundOf({ results: [1], next: "more", total }, true)).toEqual(total);
  expect(foundOf({ results: [1], next: null, total }, false)).toEqual(total);
  expect(foundOf(undefined, true)).toBeUndefined();
});
