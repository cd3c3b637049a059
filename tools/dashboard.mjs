/**
 * Builds the dashboard where it is missing or older than its sources. A build takes a second or two; a server without its
 * dashboard still serves flags, so a failed build is said and does not keep it from starting.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "./install.mjs";
import { withInstallLock } from "./install-lock.mjs";

const DASHBOARD = join(ROOT, "packages", "dashboard");
const DIST = join(DASHBOARD, "dist");
const SITE = join(DIST, "site");
const STAMP = join(DIST, "stamp");
const LOCK = join(DIST, "lock");
const VITE = join(ROOT, "node_modules", "vite", "bin", "vite.js");

/** What the build reads. The lock file stands for everything that is installed. */
const SOURCES = [
  join(DASHBOARD, "src"),
  join(DASHBOARD, "public"),
  join(DASHBOARD, "index.html"),
  join(DASHBOARD, "vite.config.ts"),
  join(DASHBOARD, "package.json"),
  join(ROOT, "packages", "contract", "src"),
  join(ROOT, "packages", "engine", "src"),
  join(ROOT, "package-lock.json"),
];

const say = (text) => process.stderr.write(`burgee: ${text}\n`);

function filesOf(path) {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
  } catch (error) {
    if (error.code === "ENOTDIR") return [path];
    throw error;
  }
}

export function fingerprint(sources = SOURCES) {
  const hash = createHash("sha256");
  for (const file of sources.flatMap(filesOf).sort()) {
    hash.update(`\n${relative(ROOT, file)}\n`).update(readFileSync(file));
  }
  return hash.digest("hex");
}

function isFresh(wanted) {
  try {
    return readFileSync(STAMP, "utf8") === wanted && existsSync(join(SITE, "index.html"));
  } catch {
    return false;
  }
}

function runVite(bun, folder) {
  return new Promise((done) => {
    const args = ["--bun", VITE, "build", "--logLevel", "error", "--outDir", folder, "--emptyOutDir"];
    const env = { ...process.env, NODE_ENV: "production" };
    const child = spawn(bun, args, { cwd: DASHBOARD, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => done(error.message));
    child.on("close", (code) => done(code === 0 ? undefined : output || `it ended with code ${code}`));
  });
}

/** Into a folder beside, then in one step: whoever starts meanwhile reads the old build or the new one. */
async function build(bun, wanted) {
  const fresh = join(DIST, `building-${process.pid}`);
  const failure = await runVite(bun, fresh);
  if (failure === undefined) {
    rmSync(SITE, { recursive: true, force: true });
    renameSync(fresh, SITE);
    writeFileSync(STAMP, wanted);
  }
  rmSync(fresh, { recursive: true, force: true });
  return failure;
}

/** Builds it if need be. True where there is a build of the sources as they are. */
export async function ensureDashboard(bun) {
  if (!existsSync(join(DASHBOARD, "index.html"))) return false;
  try {
    const wanted = fingerprint();
    if (isFresh(wanted)) return true;
    mkdirSync(DIST, { recursive: true });
    return await withInstallLock(
      LOCK,
      () => say("another start is building the dashboard, waiting for it ..."),
      async () => {
        if (isFresh(wanted)) return true;
        const started = Date.now();
        const failure = await build(bun, wanted);
        if (failure !== undefined) throw new Error(failure);
        say(`built the dashboard in ${((Date.now() - started) / 1000).toFixed(1)} s`);
        return true;
      },
    );
  } catch (error) {
    const what = existsSync(SITE) ? "the older build is served" : "the server starts without it";
    say(`the dashboard could not be built, ${what}:\n${error.message}`);
    return false;
  }
}

/** Whether the program's arguments start the server: `serve` is also what it does when nothing is named. */
export function isServe(args) {
  if (args.some((arg) => ["--help", "-h", "--version", "-v"].includes(arg))) return false;
  return (args.find((arg) => !arg.startsWith("-")) ?? "serve") === "serve";
}
