/**
 * A Python with the packages of OpenFeature and Flagsmith, which npm does not install: `.ci/run` puts them into the folder that
 * BURGEE_PYTHON_ENVIRONMENT names, and whoever has them in their own python3 needs no more.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type LineScript, startLines } from "./line-script.ts";

const folder = process.env["BURGEE_PYTHON_ENVIRONMENT"] || join(homedir(), ".cache/burgee-python");

function hasModule(python: string, name: string): boolean {
  return Bun.spawnSync([python, "-c", `import ${name}`], { stdout: "ignore", stderr: "ignore" }).exitCode === 0;
}

/** undefined where no Python has it. */
export function pythonWith(name: string): string | undefined {
  const found = [join(folder, "bin/python"), Bun.which("python3")];
  return found.find((path): path is string => path !== null && existsSync(path) && hasModule(path, name));
}

/** A script of the folder `python`. */
export const startPython = (python: string, script: string, args: readonly string[]): LineScript =>
  startLines([python, join(import.meta.dir, "python", script), ...args]);
