/**
 * npm run bench                       all benchmarks
 * npm run bench -- flags identities   those
 * npm run bench -- --quick            a smoke run of each: it works, its figures mean nothing
 * npm run bench -- --clean            removes the databases kept between runs
 * Each runs in a process of its own, so that one's memory and compiled code do not disturb the next.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeFixtures, temporaryFolder } from "./fixture.ts";
import { machineFacts } from "./machine.ts";
import { type Bench, type BenchRow, table, verdict } from "./row.ts";

/** In the order they run; each is a file of this name that exports `name` and `run`. */
const NAMES = [
  "engine",
  "flags",
  "identities",
  "writes",
  "mixed",
  "explain",
  "import",
  "bulk",
  "search",
  "memory",
  "start",
  "push",
  "postgres",
  "nodes",
  "unleash",
];
const LIMIT_MS = 20 * 60_000;

const load = async (name: string): Promise<Bench> => (await import(`./${name}.ts`)) as Bench;

/** Inside the child: runs one and leaves its rows in a file. */
async function runHere(name: string, quick: boolean, file: string): Promise<void> {
  const bench = await load(name);
  const progress = (text: string) => process.stderr.write(`  ${name}: ${text}\n`);
  writeFileSync(file, JSON.stringify(await bench.run({ quick, progress })));
}

async function runApart(name: string, quick: boolean, folder: string): Promise<BenchRow[]> {
  const file = join(folder, `${name}.json`);
  process.stderr.write(`${name}\n`);
  const child = Bun.spawn([process.execPath, import.meta.path, "--here", name, file, ...(quick ? ["--quick"] : [])], {
    stdout: "inherit",
    stderr: "inherit",
    timeout: LIMIT_MS,
  });
  const code = await child.exited;
  if (code !== 0 || !existsSync(file)) throw new Error(`the benchmark "${name}" failed (${code})`);
  return JSON.parse(readFileSync(file, "utf8")) as BenchRow[];
}

async function main(args: readonly string[]): Promise<number> {
  const quick = args.includes("--quick");
  if (args[0] === "--here") {
    await runHere(args[1] ?? "", quick, args[2] ?? "");
    return 0;
  }
  if (args.includes("--clean")) {
    removeFixtures();
    return 0;
  }
  const asked = args.filter((arg) => !arg.startsWith("--"));
  const unknown = asked.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`There is no benchmark ${unknown.join(", ")}; there are ${NAMES.join(", ")}.\n`);
    return 2;
  }
  const { folder, remove } = temporaryFolder();
  const rows: BenchRow[] = [];
  const failed: string[] = [];
  const before = machineFacts();
  try {
    for (const name of asked.length > 0 ? asked : NAMES) {
      try {
        rows.push(...(await runApart(name, quick, folder)));
      } catch (error) {
        failed.push(error instanceof Error ? error.message : String(error));
      }
    }
  } finally {
    remove();
  }
  process.stdout.write(`\n${table(rows)}\n\n${[...before, ...failed].join("\n")}\n`);
  if (quick) process.stdout.write("A quick run: the figures mean nothing.\n");
  const isBelow = !quick && rows.some((row) => verdict(row) === "below");
  return failed.length > 0 || isBelow ? 1 : 0;
}

process.exit(await main(process.argv.slice(2)));
