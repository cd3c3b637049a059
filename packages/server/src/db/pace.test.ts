import { expect, test } from "bun:test";
import { createPace, type Paces } from "./pace.ts";

const paces: Paces = {
  alone: { stepMs: 10, restShare: 1 },
  beside: { stepMs: 5, restShare: 4 },
  inCrowd: { stepMs: 3, restShare: 24 },
  crowd: 5,
};

test("a few writes beside it and a crowd have their own pace, and a quiet moment ends it", () => {
  let written = 0;
  let now = 0;
  const pace = createPace(
    paces,
    () => written,
    () => now,
  );
  const after = (writes: number, ms: number) => {
    written += writes;
    now += ms;
    return pace();
  };
  expect(after(500, 100)).toBe(paces.inCrowd);
  expect(after(499, 100)).toBe(paces.beside);
  expect(after(0, 100)).toBe(paces.alone);
  // Whatever came before counts once.
  expect(after(1, 100)).toBe(paces.beside);
  expect(after(0, 0)).toBe(paces.alone);
});
