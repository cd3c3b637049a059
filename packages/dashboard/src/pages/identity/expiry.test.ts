import { expect, test } from "bun:test";
import { expiresAt, expiryFault, expiryOf, localText } from "./expiry.ts";

const NOW = Date.parse("2026-11-23T10:00:00Z");

test("spans are counted from now, and never is null", () => {
  expect(expiresAt({ choice: "never", at: "" }, NOW)).toBeNull();
  expect(expiresAt({ choice: "hour", at: "" }, NOW)).toBe("2026-11-23T11:00:00.000Z");
  expect(expiresAt({ choice: "week", at: "" }, NOW)).toBe("2026-11-30T10:00:00.000Z");
});

test("a typed time is the browser's, there and back to the minute", () => {
  const at = new Date(NOW + 90_000_000);
  expect(expiresAt({ choice: "at", at: localText(at) }, NOW)).toBe(at.toISOString());
  expect(expiryOf(at.toISOString())).toEqual({ choice: "at", at: localText(at) });
  expect(expiryOf(null).choice).toBe("never");
});

test("what has passed or is no time is said", () => {
  expect(expiryFault({ choice: "at", at: "" }, NOW)).toBe("Choose a day and a time.");
  expect(expiresAt({ choice: "at", at: "soon" }, NOW)).toBeUndefined();
  expect(expiryFault({ choice: "at", at: localText(new Date(NOW - 60_000)) }, NOW)).toBe("This has passed already.");
  expect(expiryFault({ choice: "at", at: localText(new Date(NOW + 60_000)) }, NOW)).toBeUndefined();
  expect(expiryFault({ choice: "day", at: "" }, NOW)).toBeUndefined();
});
