import { expect, test } from "bun:test";
import { createMix } from "./mix.ts";

const times = (count: number, work: () => void): void => {
  for (let n = 0; n < count; n += 1) work();
};

test("a write in eight calls is too many to be mostly reads, and what was long ago is forgotten", () => {
  const mix = createMix();
  times(8, mix.read);
  expect(mix.isMostlyReads()).toBe(true);
  mix.write();
  expect(mix.isMostlyReads()).toBe(true);
  mix.write();
  expect(mix.isMostlyReads()).toBe(false);
  times(100_000, mix.read);
  expect(mix.isMostlyReads()).toBe(true);
  times(512, () => {
    mix.write();
    mix.read();
  });
  expect(mix.isMostlyReads()).toBe(false);
  times(4_000, mix.read);
  expect(mix.isMostlyReads()).toBe(true);
});
