/**
 * Small projects for the tests of the launcher: a copy of tools/, a lock file, and an npm that installs from nowhere, writes
 * down that it was called, and leaves Bun the way the real one does with and without install scripts.
 */
import { afterAll } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const NODE = Bun.which("node") ?? "node";
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const FAKE_NPM = `
const { appendFileSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } = require("node:fs");
const { FAKE_BUN, FAKE_FAILS, FAKE_SCRIPTS } = process.env;
appendFileSync("npm.log", process.argv.slice(2).join(" ") + "\\n");
if (process.argv.at(-1) === "test") {
  process.exit(require("node:child_process").spawnSync(process.execPath, ["tools/run.mjs", "test"], { stdio: "inherit" }).status);
}
if (FAKE_FAILS) { console.error("the disk is full"); process.exit(7); }
mkdirSync("node_modules", { recursive: true });
for (const name of readdirSync("node_modules")) rmSync("node_modules/" + name, { recursive: true, force: true });
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
mkdirSync("node_modules/bun/bin", { recursive: true });
if (FAKE_SCRIPTS === "held") {
  mkdirSync("node_modules/@oven/bun-here/bin", { recursive: true });
  symlinkSync(FAKE_BUN, "node_modules/@oven/bun-here/bin/bun");
  writeFileSync("node_modules/bun/bin/bun.exe", "the install script has not run");
  writeFileSync("node_modules/bun/install.js", process.env.FAKE_INSTALLER);
} else symlinkSync(FAKE_BUN, "node_modules/bun/bin/bun.exe");
`;

export interface Project {
  readonly path: (...parts: string[]) => string;
  readonly start: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ended>;
  readonly spawn: (args: readonly string[], env?: Readonly<Record<string, string>>, cwd?: string) => Started;
  readonly installs: () => number;
}
type Started = Bun.Subprocess<"ignore", "pipe", "pipe">;
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function endOf(child: Started): Promise<Ended> {
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, err };
}

export const lines = (path: string) => (existsSync(path) ? readFileSync(path, "utf8").trim().split("\n").length : 0);

export function createProject(): Project {
  const root = mkdtempSync(join(tmpdir(), "burgee-run-"));
  folders.push(root);
  const path = (...parts: string[]) => join(root, ...parts);
  mkdirSync(path("tools"));
  const own = readdirSync(import.meta.dir).filter((name) => name.endsWith(".mjs"));
  for (const name of own) writeFileSync(path("tools", name), readFileSync(join(import.meta.dir, name)));
  writeFileSync(path("package.json"), '{"name":"fixture","type":"module","dependencies":{"greeter":"1.0.0"}}');
  writeFileSync(path("package-lock.json"), '{"lockfileVersion":3,"packages":{}}');
  writeFileSync(path("hello.ts"), 'console.log("hello", ...process.argv.slice(2)); process.exit(3);');
  mkdirSync(path("npm"));
  writeFileSync(path("npm", "npm-cli.cjs"), FAKE_NPM);

  const spawn: Project["spawn"] = (args, env = {}, cwd = root) =>
    Bun.spawn([NODE, ...args], {
      cwd,
      env: { ...process.env, npm_execpath: path("npm", "npm-cli.cjs"), FAKE_BUN: process.execPath, ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
  return {
    path,
    spawn,
    start: (args, env) => endOf(spawn(["tools/run.mjs", ...args], env)),
    installs: () => lines(path("npm.log")),
  };
}
