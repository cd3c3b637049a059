/**
 * Makes sure that what package-lock.json names is installed, and finds Bun in it.
 * Plain Node without dependencies: it runs in a clone where nothing is there yet, and must not rest on install scripts,
 * which a setting or a newer npm may hold back.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { withInstallLock } from "./install-lock.mjs";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

const MODULES = join(ROOT, "node_modules");
const LOCK_FILE = join(ROOT, "package-lock.json");
const LOCK = join(ROOT, ".install-lock");
const STAMP = join(MODULES, ".burgee-installed");
const BUN_FOLDER = join(MODULES, "bun");
const BUN = join(BUN_FOLDER, "bin", "bun.exe");
/** Until its install script has run, Bun's place holds a few hundred bytes of text. */
const SMALLEST_BUN = 1024 * 1024;
const REPORT_EVERY_MS = 10_000;
const PASSED_ON = ["SIGINT", "SIGTERM", "SIGHUP"];

/** A person is told this line; nothing else of it is shown. */
export class InstallError extends Error {}

const say = (text) => process.stderr.write(`burgee: ${text}\n`);

export function exitCodeOf(code, signal) {
  return signal ? 128 + (constants.signals[signal] ?? 0) : (code ?? 1);
}

/** npm as it was called, or the one on the path: never another package manager that happens to run us. */
export function npmCommand() {
  const script = process.env["npm_execpath"];
  if (script && /npm-cli\.c?js$/.test(script) && existsSync(script)) return { file: process.execPath, first: [script] };
  return { file: process.platform === "win32" ? "npm.cmd" : "npm", first: [] };
}

function fingerprint() {
  const hash = createHash("sha256").update(readFileSync(LOCK_FILE));
  return hash.update(`\n${process.platform} ${process.arch}\n`).digest("hex");
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const isStamped = (wanted) => readText(STAMP) === wanted;

function stamp(wanted) {
  try {
    mkdirSync(MODULES, { recursive: true });
    writeFileSync(STAMP, wanted);
  } catch (error) {
    // A read-only installation serves as well; it is only looked at anew each time.
    if (!["EROFS", "EACCES", "EPERM"].includes(error.code)) throw error;
  }
}

const size = (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const runs = (file) => spawnSync(file, ["--version"], { stdio: "ignore" }).status === 0;

function packagedBun() {
  const scope = join(MODULES, "@oven");
  const folders = existsSync(scope) ? readdirSync(scope).filter((name) => name.startsWith("bun-")) : [];
  const files = folders.flatMap((name) => [join(scope, name, "bin", "bun"), join(scope, name, "bin", "bun.exe")]);
  return files.find((file) => size(file) >= SMALLEST_BUN && runs(file));
}

/** Bun's own place first, then the package that brought it. */
function bunPath() {
  return size(BUN) >= SMALLEST_BUN ? BUN : packagedBun();
}

/** npm's own record says that a hand-run install did the work: every package that is not optional has the version wanted. */
function isInstalledByHand() {
  const record = readText(join(MODULES, ".package-lock.json"));
  if (record === undefined) return false;
  const have = JSON.parse(record).packages ?? {};
  const wanted = Object.entries(JSON.parse(readFileSync(LOCK_FILE, "utf8")).packages ?? {});
  const differs = ([path, entry]) =>
    path.includes("node_modules/") && !entry.optional && have[path]?.version !== entry.version;
  const bun = bunPath();
  return !wanted.some(differs) && bun !== undefined && runs(bun);
}

/** Runs a program whose signals and end are ours. Output goes to stderr: stdout belongs to the command that was asked for. */
function runInstaller(file, args) {
  return new Promise((done, fail) => {
    const child = spawn(file, args, { cwd: ROOT, stdio: ["ignore", 2, 2], shell: file.endsWith(".cmd") });
    const stop = (signal) => child.kill(signal);
    const started = Date.now();
    const report = () => say(`still installing, ${Math.round((Date.now() - started) / 1000)} s`);
    const timer = setInterval(report, REPORT_EVERY_MS);
    for (const signal of PASSED_ON) process.on(signal, stop);
    const finish = () => {
      clearInterval(timer);
      for (const signal of PASSED_ON) process.off(signal, stop);
    };
    child.on("error", (error) => {
      finish();
      fail(new InstallError(`${file} could not be started (${error.code ?? error.message}). Is npm installed?`));
    });
    child.on("close", (code, signal) => {
      finish();
      done(exitCodeOf(code, signal));
    });
  });
}

async function installPackages(wanted) {
  say("installing dependencies, this happens once ...");
  const started = Date.now();
  const npm = npmCommand();
  const flags = ["ci", "--include=dev", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
  const code = await runInstaller(npm.file, [...npm.first, ...flags]);
  if (code !== 0) throw new InstallError(`npm ci failed with code ${code}; what it said stands above.`);
  stamp(wanted);
  say(`dependencies are there after ${Math.round((Date.now() - started) / 1000)} s`);
}

async function mendBun() {
  const script = join(BUN_FOLDER, "install.js");
  if (size(BUN) < SMALLEST_BUN && existsSync(script)) await runInstaller(process.execPath, [script]);
}

/** Installs what is missing and returns the path of Bun. Two starts at once install once. */
export async function ensureInstalled() {
  const wanted = fingerprint();
  let isReady = isStamped(wanted);
  if (!isReady && !existsSync(LOCK) && isInstalledByHand()) {
    stamp(wanted);
    isReady = true;
  }
  if (!isReady || !bunPath()) {
    const onWait = () => say("another start is installing, waiting for it ...");
    await withInstallLock(LOCK, onWait, async () => {
      if (!isStamped(wanted)) await installPackages(wanted);
      await mendBun();
    });
  }
  const bun = bunPath();
  if (bun) return bun;
  throw new InstallError(`the installed packages hold no Bun for ${process.platform}-${process.arch}.`);
}
