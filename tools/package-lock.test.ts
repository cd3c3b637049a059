/** npm can write a lock file that its own `npm ci` refuses, and only in a clean clone: these are the ways that were seen. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const project = dirname(import.meta.dir);
const text = readFileSync(join(project, "package-lock.json"), "utf8");
const packages: Readonly<Record<string, Entry>> = JSON.parse(text).packages;

/** Where Node would look for `name` from the package at `from`. */
function find(from: string, name: string): Entry | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const path = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (packages[path] || folder === "") return packages[path];
    if (!folder.includes("/node_modules/")) return packages[`node_modules/${name}`];
  }
}

test("every platform's package of every dependency is in the lock file", () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !find(path, name)),
  );
  expect(missing).toEqual([]);
});

test("every package is held by its content, and none by the place it came from", () => {
  const installed = Object.entries(packages).filter(([path, { link }]) => path.includes("node_modules/") && !link);
  expect(installed.length).toBeGreaterThan(50);
  expect(installed.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([path]) => path)).toEqual([]);
  expect(installed.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
});

test("no script is a pre or post hook, since ignore-scripts would leave it out", () => {
  const scripts: Readonly<Record<string, string>> = JSON.parse(
    readFileSync(join(project, "package.json"), "utf8"),
  ).scripts;
  expect(Object.keys(scripts).filter((name) => /^(pre|post)/.test(name))).toEqual([]);
});
