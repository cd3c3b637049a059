import { expect, test } from "bun:test";
import { isAppError } from "../errors.ts";
import { createRateLimiter } from "./rate-limit.ts";

function limiter(max: number) {
  let clock = 1_000_000;
  const limits = createRateLimiter({ max, windowMs: 60_000 }, () => clock);
  const take = (key: string): number | undefined => {
    try {
      limits.take(key);
      return undefined;
    } catch (error) {
      if (!isAppError(error, "too_many")) throw error;
      return Number(error.details["retryAfter"]);
    }
  };
  return { take, wait: (ms: number) => (clock += ms) };
}

test("so many tries in a minute, then how long to wait", () => {
  const { take, wait } = limiter(3);
  expect([take("a"), take("a"), take("b"), take("a")]).toEqual([undefined, undefined, undefined, undefined]);
  expect(take("a")).toBe(60);
  wait(59_500);
  expect(take("a")).toBe(1);
  expect(take("b")).toBeUndefined();
  wait(500);
  expect(take("a")).toBeUndefined();
});

test("a refused try does not prolong the wait", () => {
  const { take, wait } = limiter(1);
  take("a");
  for (let i = 0; i < 10; i += 1) {
    wait(5_000);
    expect(take("a")).toBe(55 - i * 5);
  }
  wait(10_000);
  expect(take("a")).toBeUndefined();
});

test("ten thousand keys are remembered, the oldest make room", () => {
  const { take } = limiter(1);
  take("first");
  for (let i = 0; i < 9_999; i += 1) take(`key ${i}`);
  expect(take("first")).toBe(60);
  take("one more");
  take("and another");
  expect(take("first")).toBeUndefined();
});
