import { expect, test } from "bun:test";
import { createReportWriter } from "./report-writer.ts";
import type { FeatureCount } from "./usage.store.ts";

const count = (featureId: number, times: number, sdk = "a"): FeatureCount => ({
  environmentId: 1,
  featureId,
  sdk,
  enabled: -1,
  count: times,
});

test("reports that arrive during a write become one write, and nobody hears before its own is done", async () => {
  const writes: FeatureCount[][] = [];
  const ends: (() => void)[] = [];
  const write = createReportWriter((counts) => {
    writes.push([...counts]);
    return new Promise((resolve) => ends.push(resolve));
  });
  const done: string[] = [];
  const report = (name: string, counts: FeatureCount[]) => write(counts).then(() => done.push(name));
  const all = [report("first", [count(1, 2)])];
  await Bun.sleep(1);
  for (let n = 0; n < 1000; n += 1) all.push(report("later", [count(1, 3), count(2, 1, n % 2 ? "a" : "b")]));
  await Bun.sleep(1);
  expect(writes).toEqual([[count(1, 2)]]);
  ends[0]?.();
  await Bun.sleep(1);
  expect(done).toEqual(["first"]);
  expect(writes[1]).toEqual([count(1, 3000), count(2, 500, "b"), count(2, 500, "a")]);
  ends[1]?.();
  await Promise.all(all);
  expect(writes).toHaveLength(2);
});

test("a write that fails is told to those who were in it, and the next goes ahead", async () => {
  let tries = 0;
  const write = createReportWriter(async () => {
    tries += 1;
    if (tries === 1) throw new Error("no disk");
  });
  const outcomes = await Promise.allSettled([write([count(1, 1)]), write([count(1, 1)])]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  await write([count(1, 1)]);
  expect(tries).toBe(2);
  await write([]);
  expect(tries).toBe(2);
});
