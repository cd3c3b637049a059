/**
 * A against B on a machine that others use too: in turns, and judged pair by pair, since two runs next to one another see the same
 * machine. The order within a pair changes, so that a drift favours neither.
 */
import type { LoadResult } from "./load.ts";
import { figure, median } from "./row.ts";

export interface Pair {
  readonly a: LoadResult;
  readonly b: LoadResult;
}

export interface Comparison {
  /** How many times B's rate A's is: the median of the pairs. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
  /** The same of requests for a second of processor time; hardly sees what else the machine does. */
  readonly cpuRatio: number;
  readonly rateA: number;
  readonly rateB: number;
}

/** `byRate` as in {@link compare}. */
export async function takeTurns(
  rounds: number,
  a: () => Promise<LoadResult>,
  b: () => Promise<LoadResult>,
  progress: (text: string) => void,
  byRate = true,
): Promise<Comparison> {
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const isSwapped = round % 2 === 1;
    const first = await (isSwapped ? b() : a());
    const second = await (isSwapped ? a() : b());
    const pair = isSwapped ? { a: second, b: first } : { a: first, b: second };
    pairs.push(pair);
    progress(`round ${round + 1}: ${figure(pair.a.rate)}/s against ${figure(pair.b.rate)}/s`);
  }
  return compare(pairs, byRate);
}

/**
 * `byRate` false: the generator is the bottleneck, so only processor time tells the two apart. Not for servers that wait for a disk or
 * a database: those are apart in rate only.
 */
export function compare(pairs: readonly Pair[], byRate: boolean): Comparison {
  const cpu = pairs.map(({ a, b }) => a.perCpuSecond / b.perCpuSecond);
  const rates = pairs.map(({ a, b }) => a.rate / b.rate);
  const ratios = byRate || cpu.some(Number.isNaN) ? rates : cpu;
  return {
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    cpuRatio: median(cpu),
    rateA: median(pairs.map(({ a }) => a.rate)),
    rateB: median(pairs.map(({ b }) => b.rate)),
  };
}

export function describe({ rateA, rateB, lowest, highest, cpuRatio }: Comparison): string {
  const spread = `${figure(rateA)}/s against ${figure(rateB)}/s; rounds ${figure(lowest)} to ${figure(highest)}`;
  return Number.isNaN(cpuRatio) ? spread : `${spread}; by processor time ${figure(cpuRatio)}`;
}
