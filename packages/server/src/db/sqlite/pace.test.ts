import { expect, test } from "bun:test";
import { createPace } from "./pace.ts";

/** The share of the writer's time that is taken. */
const shareOf = ({ restShare }: { readonly restShare: number }) => 1 / (1 + restShare);

test("the more others write, the shorter the steps and the smaller the share; a quiet moment ends it", () => {
  let written = 0;
  let now = 0;
  const pace = createPace(
    () => written,
    () => now,
  );
  const after = (writes: number, ms: number) => {
    written += writes;
    now += ms;
    return pace();
  };
  const crowded = after(1_000, 100);
  const beside = after(50, 100);
  const alone = after(0, 100);
  expect([crowded, beside, alone].map(shareOf)).toEqual([0.04, 0.2, 0.5]);
  expect(crowded.stepMs).toBeLessThan(beside.stepMs);
  expect(beside.stepMs).toBeLessThan(alone.stepMs);
  // Whatever came before counts once.
  expect(after(1, 100)).toEqual(beside);
  expect(after(0, 0)).toEqual(alone);
});
