import { expect, test } from "bun:test";
import { pauseAfter } from "./backoff.ts";

const failure = { tries: 1, ageMs: 0, retryAfter: undefined, random: 0.5 };
const HOUR = 3_600_000;

test("pauses grow from seconds to hours, about a day in all, and then it is given up", () => {
  const pauses: number[] = [];
  for (let tries = 1; ; tries += 1) {
    const pause = pauseAfter({ ...failure, tries }, 0);
    if (pause === undefined) break;
    pauses.push(pause);
  }
  expect(pauses.slice(0, 3)).toEqual([5000, 15_000, 60_000]);
  expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
  const total = pauses.reduce((sum, pause) => sum + pause, 0);
  expect(total / HOUR).toBeGreaterThan(23);
  expect(total / HOUR).toBeLessThan(25);
});

test("what failed together is not tried together", () => {
  expect([0, 0.999999].map((random) => pauseAfter({ ...failure, random }, 0))).toEqual([4000, 6000]);
});

test("a receiver that asks for time gets it, up to an hour", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  const asked = (retryAfter: string) => pauseAfter({ ...failure, retryAfter }, now);
  expect(asked("120")).toBe(120_000);
  expect(asked("Thu, 01 Jan 2026 00:02:00 GMT")).toBe(120_000);
  expect(asked("999999")).toBe(HOUR);
  for (const nonsense of ["-5", "soon", "", "Thu, 01 Jan 1970 00:00:00 GMT"]) expect(asked(nonsense)).toBe(5000);
});

test("what waited a day behind another event still gets three tries, and no more", () => {
  const old = { ...failure, ageMs: 30 * HOUR };
  expect(pauseAfter({ ...old, tries: 2 }, 0)).toBeGreaterThan(0);
  expect(pauseAfter({ ...old, tries: 3 }, 0)).toBeUndefined();
});
