#!/usr/bin/env node
/**
 * node tools/run.mjs SCRIPT.ts [arguments]     runs a script with Bun
 * node tools/run.mjs test [paths and options]  runs the tests: all of them, on every database there is, or those named on one (TEST_DB)
 * node tools/run.mjs --bin NAME [arguments]    runs a command of an installed package
 * Whatever is missing is installed first.
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { forServer } from "./allocator.mjs";
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
/** Thousands of small databases are made and removed: in memory they wait for no disk. */
const MEMORY = "/dev/shm";
const NEEDED_BYTES = 6 * 2 ** 30;

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

function roomForTests() {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    if (bavail * bsize >= NEEDED_BYTES) return MEMORY;
  } catch {
    // A system without it.
  }
  return tmpdir();
}

/** One folder for all that the tests leave in temporary folders, gone when they end. */
function makeTestFolder() {
  const folder = mkdtempSync(join(roomForTests(), "burgee-tests-"));
  // A PostgreSQL in it runs as another user, who must get there.
  chmodSync(folder, 0o711);
  process.on("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Everything on SQLite; then, where PostgreSQL's programs are, what opens a database once more on a server of the tests' own. */
function testRounds(bun, args) {
  const shared = { ...process.env, TMPDIR: makeTestFolder() };
  const round = (paths, title, store) => ({
    title,
    file: bun,
    // As many workers as there are processors.
    args: ["test", "--parallel", `--timeout=${TEST_TIMEOUT_MS}`, ...paths],
    cwd: ROOT,
    env: store ? { ...shared, TEST_DB: store } : shared,
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
  if (what && !what.startsWith("-"))
    return { file: bun, args: [resolve(ROOT, what), ...rest], env: forServer(process.env) };
  throw new UsageError("say what to run: a script, `test`, or `--bin NAME`.");
});
