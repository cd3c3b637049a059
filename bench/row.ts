/** What a benchmark reports, and how it is judged against what was promised. */

export interface BenchRow {
  /** One line a newcomer understands. */
  readonly what: string;
  readonly value: number;
  /** "x" for a ratio, else "ms", "MB", "s", "/s". */
  readonly unit: string;
  /** Below this (above it where lower is better) the benchmark fails. */
  readonly must?: number;
  readonly aim?: number;
  readonly better: "higher" | "lower";
  /** What the value was made from: rates, spread. */
  readonly note?: string;
}

export interface BenchOptions {
  /** A smoke run of a few seconds: shows that the benchmark works, says nothing of speed. */
  readonly quick: boolean;
  readonly progress: (text: string) => void;
}

export interface Bench {
  readonly name: string;
  run(options: BenchOptions): Promise<BenchRow[]> | BenchRow[];
}

export type Verdict = "met aim" | "met must" | "below" | "";

/** "" where nothing was promised. */
export function verdict({ value, must, aim, better }: BenchRow): Verdict {
  const reaches = (limit: number) => (better === "higher" ? value >= limit : value <= limit);
  if (aim !== undefined && reaches(aim)) return "met aim";
  if (must !== undefined && reaches(must)) return "met must";
  return must === undefined && aim === undefined ? "" : "below";
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Nearest rank: the smallest value that at least `percent` of all do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** Three significant digits, whole numbers from a hundred on. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}

const measured = (value: number | undefined, unit: string): string =>
  value === undefined ? "" : `${figure(value)}${unit === "x" ? "x" : ` ${unit}`}`;

/** Columns: what, measured, must, aim, verdict; each row's note on a line of its own. */
export function table(rows: readonly BenchRow[]): string {
  const cells = [
    ["what", "measured", "must", "aim", "verdict"],
    ...rows.map((row) => [
      row.what,
      measured(row.value, row.unit),
      measured(row.must, row.unit),
      measured(row.aim, row.unit),
      verdict(row),
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
  const [head = "", ...body] = lines;
  const noted = body.flatMap((line, index) => {
    const note = rows[index]?.note;
    return note === undefined ? [line] : [line, `    ${note}`];
  });
  return [head, "-".repeat(head.length), ...noted].join("\n");
}
