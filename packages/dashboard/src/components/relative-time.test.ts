import { describe, expect, test } from "bun:test";
import { relativeTime } from "./relative-time.ts";

const now = Date.UTC(2026, 5, 15, 12);
const HOUR = 3_600_000;
const said = (difference: number) => relativeTime(now + difference, now, "en");

describe("a time", () => {
  test("is said in its largest whole unit, before and after", () => {
    expect(said(-3000)).toBe("just now");
    expect(said(-30_000)).toBe("30 sec. ago");
    expect(said(-2 * 60_000)).toBe("2 min. ago");
    expect(said(-59.7 * 60_000)).toBe("1 hr. ago");
    expect(said(-24 * HOUR)).toBe("yesterday");
    expect(said(3 * 24 * HOUR)).toBe("in 3 days");
    expect(said(-21 * 24 * HOUR)).toBe("3 wk. ago");
    expect(said(-800 * 24 * HOUR)).toBe("2 yr. ago");
  });
});
