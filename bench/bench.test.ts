/** Benchmarks rot unless they run: the cheap ones do here, for a second each; and what is made of their figures is checked. */
import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEnvironmentDocument } from "../packages/contract/src/document/index.ts";
import { clientKey, makeDocument } from "./documents.ts";
import { identityAt, shuffledIndexes } from "./identity-generator.ts";
import type { LoadResult } from "./load.ts";
import { compare } from "./rounds.ts";
import { type BenchRow, median, percentile, table, verdict } from "./row.ts";

const MAIN = join(import.meta.dir, "main.ts");

function runBench(names: readonly string[]): { readonly rows: BenchRow[]; readonly printed: string } {
  const folder = mkdtempSync(join(tmpdir(), "burgee-bench-test-"));
  try {
    const rows = names.flatMap((name) => {
      const file = join(folder, `${name}.json`);
      const ran = spawnSync(process.execPath, [MAIN, "--here", name, file, "--quick"], { encoding: "utf8" });
      if (ran.status !== 0 || !existsSync(file)) throw new Error(`${name} ended with ${ran.status}: ${ran.stderr}`);
      return JSON.parse(readFileSync(file, "utf8")) as BenchRow[];
    });
    return { rows, printed: table(rows) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const result = (rate: number, perCpuSecond: number): LoadResult => ({
  requests: rate,
  rate,
  perCpuSecond,
  p50Ms: 1,
  p99Ms: 1,
});

describe("what is made of figures", () => {
  test("two servers are judged pair by pair, by the median of the pairs", () => {
    const pairs = [
      { a: result(80, 80), b: result(100, 100) },
      { a: result(9, 9), b: result(10, 10) },
      { a: result(10, 70), b: result(1000, 100) },
    ];
    const byRate = compare(pairs, true);
    expect(byRate.ratio).toBeCloseTo(0.8);
    expect([byRate.lowest, byRate.highest]).toEqual([0.01, 0.9]);
    expect(byRate.rateB).toBe(100);
  });

  test("where the generator is the bottleneck, processor time decides", () => {
    const pairs = [{ a: result(50, 40), b: result(50, 100) }];
    expect(compare(pairs, false).ratio).toBeCloseTo(0.4);
    expect(compare([{ a: result(50, Number.NaN), b: result(100, 1) }], false).ratio).toBeCloseTo(0.5);
  });

  test("a row meets its aim, its must, or neither, in either direction", () => {
    const row = { what: "x", unit: "x", must: 3, aim: 5 };
    const judge = (value: number, better: "higher" | "lower") => verdict({ ...row, value, better });
    expect([judge(5, "higher"), judge(4.9, "higher"), judge(2.9, "higher")]).toEqual(["met aim", "met must", "below"]);
    const time = { what: "x", unit: "ms", must: 5, aim: 3, better: "lower" } as const;
    expect([3, 4, 6].map((value) => verdict({ ...time, value }))).toEqual(["met aim", "met must", "below"]);
    expect(verdict({ what: "x", value: 1, unit: "x", better: "higher" })).toBe("");
    expect(judge(Number.NaN, "higher")).toBe("below");
  });

  test("medians and percentiles are those of the values, in whatever order", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(percentile([5, 1, 4, 2, 3], 99)).toBe(5);
    expect(percentile([5, 1, 4, 2, 3], 50)).toBe(3);
  });
});

describe("what is measured", () => {
  test("identities are the same for the same seed, and have five traits", () => {
    expect(identityAt(1, 77)).toEqual(identityAt(1, 77));
    expect(identityAt(2, 77)).not.toEqual(identityAt(1, 77));
    expect(Object.keys(identityAt(1, 0).traits)).toHaveLength(5);
  });

  test("a shuffle has each index once", () => {
    const indexes = shuffledIndexes(1, 1000, 1000);
    expect(new Set(indexes).size).toBe(1000);
    expect(indexes.toSorted((a, b) => a - b)).not.toEqual(indexes);
    expect(shuffledIndexes(1, 1000, 10)).toHaveLength(10);
  });

  test("the documents that are made here can be imported", () => {
    for (const size of ["small", "medium", "large"] as const) {
      const read = readEnvironmentDocument(makeDocument(size));
      expect(read).toMatchObject({ ok: true, document: { api_key: clientKey(size) } });
    }
  });
});

describe("a quick run", () => {
  test("reports rows that a table can be made of", () => {
    const { rows, printed } = runBench(["engine", "flags", "start"]);
    expect(rows.length).toBeGreaterThanOrEqual(4);
    for (const row of rows) {
      expect(row.value).toBeGreaterThan(0);
      expect(["x", "ms", "MB", "s", "/s"]).toContain(row.unit);
      expect(printed).toContain(row.what);
    }
  }, 60_000);

  test("explains identities on SQLite", () => {
    const { rows } = runBench(["explain"]);
    expect(rows.map((row) => row.unit)).toEqual(["ms"]);
    expect(rows[0]?.value).toBeGreaterThan(0);
  }, 60_000);

  test("tells every listener of every change", () => {
    const { rows } = runBench(["push"]);
    expect(rows.map((row) => row.unit)).toEqual(["MB", "ms", "MB", "ms", "ms"]);
    for (const row of rows) expect(Number.isFinite(row.value)).toBe(true);
  }, 60_000);

  test("measures identities and writes over HTTP without a failed request", () => {
    const { rows } = runBench(["identities", "writes"]);
    expect(rows.map((row) => row.unit)).toEqual(["x", "x", "x"]);
    for (const row of rows) expect(row.value).toBeGreaterThan(0);
  }, 60_000);
});
