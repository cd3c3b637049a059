#!/usr/bin/env node
/**
 * node tools/run.mjs SCRIPT.ts [arguments]     runs a script with Bun
 * node tools/run.mjs test [paths and options]  runs the tests: all of them, on every database there is, or those named on one (TEST_DB)
 * node tools/run.mjs --bin NAME [arguments]    runs a command of an installed package
 * Whatever is missing is installed first.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ensureDashboard, isServe } from "./dashboard.mjs";
import { ROOT } from "./install.mjs";
import { start, UsageError } from "./start.mjs";

const TEST_FOLDERS = ["packages", "spec", "bench", "tools"];
const MAIN = join(ROOT, "packages", "server", "src", "main.ts");
const STORE_FOLDERS = ["packages/server", "spec"];
/** Where Debian's packages put the server's programs, which are not on the path. */
const POSTGRES = "/usr/lib/postgresql";
/** For one test. Generous: the machine may be small and busy, and a hang must still end. */
const TEST_TIMEOUT_MS = 60_000;

/** The script behind a command of one of our own dependencies, found without the shims that differ between systems. */
function binScript(name) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const dependency of Object.keys({ ...dependencies, ...devDependencies })) {
    const folder = join(ROOT, "node_modules", dependency);
    if (!existsSync(join(folder, "package.json"))) continue;
    const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const script = typeof bin === "string" ? dependency.split("/").pop() === name && bin : bin?.[name];
    if (script) return join(folder, script);
  }
  throw new UsageError(`no dependency in package.json brings a command "${name}".`);
}

const isThere = (folder) => existsSync(join(ROOT, folder));

/** Everything on SQLite; then, where PostgreSQL's programs are, what opens a database once more on a server of the tests' own. */
function testRounds(bun, args) {
  const round = (paths, title, store) => ({
    title,
    file: bun,
    args: ["test", "--isolate", `--timeout=${TEST_TIMEOUT_MS}`, ...paths],
    cwd: ROOT,
    env: store ? { ...process.env, TEST_DB: store } : process.env,
  });
  const all = TEST_FOLDERS.filter(isThere).map((folder) => `./${folder}`);
  if (args.length > 0 || process.env["TEST_DB"]) return [round(args.length > 0 ? args : all)];
  const stored = STORE_FOLDERS.filter(isThere).map((folder) => `./${folder}`);
  const rounds = [round(all, "the tests, on SQLite", "sqlite")];
  if (stored.length === 0) return rounds;
  if (existsSync(POSTGRES)) return [...rounds, round(stored, "what opens a database, on PostgreSQL", "postgres")];
  process.stderr.write(`burgee: skipped: the tests on PostgreSQL, because there is no ${POSTGRES}.\n`);
  return rounds;
}

const [what, ...rest] = process.argv.slice(2);
await start(async (bun) => {
  if (what === "test") return testRounds(bun, rest);
  if (what === "--bin" && rest[0]) return { file: process.execPath, args: [binScript(rest[0]), ...rest.slice(1)] };
  if (what && resolve(ROOT, what) === MAIN && isServe(rest)) await ensureDashboard(bun);
  if (what && !what.startsWith("-")) return { file: bun, args: [resolve(ROOT, what), ...rest] };
  throw new UsageError("say what to run: a script, `test`, or `--bin NAME`.");
});
