/**
 * Every import wall fires: small probe files are linted in a folder of their own, under this project's biome.json, at the
 * places that the real ones would have. Each wall is shown twice: what it lets through and what it stops.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { NOUNS, PROJECT, RESOURCES, S, WALLS, type Wall } from "./walls.ts";

const root = mkdtempSync(join(tmpdir(), "burgee-walls-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function place(file: string, lines: readonly string[]): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), `${lines.join("\n")}\n`);
}

interface Finding {
  readonly category: string;
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
}

/** Diagnostics of the whole probe folder: "rule file:line". */
function lint(): Set<string> {
  const launcher = join(PROJECT, "node_modules", "@biomejs", "biome", "bin", "biome");
  const args = ["lint", "--reporter=json", "--max-diagnostics=none", "."];
  const node = Bun.which("node") ?? "node";
  const { stdout, stderr } = Bun.spawnSync([node, launcher, ...args], { cwd: root });
  if (stdout.length === 0) throw new Error(stderr.toString());
  const report: { diagnostics: Finding[] } = JSON.parse(stdout.toString());
  const lintOnly = report.diagnostics.filter(({ category }) => category.startsWith("lint/"));
  return new Set(
    lintOnly.map(({ category, location }) => {
      const path = location.path.replace(/^\.\//, "");
      return `${category.split("/").at(-1)} ${path}:${location.start.line}`;
    }),
  );
}

/** Every way to import, since a wall with one way around it is none. */
const WAYS = [
  (path: string) => `import "${path}";`,
  (path: string) => `import type { T } from "${path}";`,
  (path: string) => `export * from "${path}";`,
  (path: string) => `export const later = () => import("${path}");`,
];

const OTHER_RULES: readonly { rule: string; file: string; code: string; fires: boolean }[] = [
  { rule: "noProcessEnv", file: `${S}/environment.ts`, code: "export const a = process.env.HOME;", fires: true },
  { rule: "noProcessEnv", file: `${S}/config.ts`, code: "export const a = process.env.HOME;", fires: false },
  { rule: "noRestrictedGlobals", file: `${S}/log.ts`, code: "export const a = Bun.version;", fires: true },
  { rule: "noRestrictedGlobals", file: `${S}/runtime/serve.ts`, code: "export const a = Bun.version;", fires: false },
  { rule: "noRestrictedGlobals", file: `${S}/log.test.ts`, code: "export const a = Bun.version;", fires: false },
  {
    rule: "noRestrictedGlobals",
    file: "packages/engine/src/clock.ts",
    code: "export const a = Date.now();",
    fires: true,
  },
  { rule: "noExplicitAny", file: `${S}/any.ts`, code: "export const a = (b: any) => b;", fires: true },
  { rule: "noDefaultExport", file: `${S}/default.ts`, code: "export default 1;", fires: true },
  { rule: "noEnum", file: `${S}/enum.ts`, code: "export enum Colour { Red }", fires: true },
  { rule: "useFilenamingConvention", file: `${S}/camelCase.ts`, code: "export const a = 1;", fires: true },
  {
    rule: "noFloatingPromises",
    file: `${S}/floating.ts`,
    code: "async function late(): Promise<void> {} export const a = () => { late(); };",
    fires: true,
  },
  {
    rule: "noImportCycles",
    file: `${S}/cycle-a.ts`,
    code: 'import { b } from "./cycle-b.ts"; export const a = () => b;',
    fires: true,
  },
  {
    rule: "noImportCycles",
    file: `${S}/cycle-b.ts`,
    code: 'import { a } from "./cycle-a.ts"; export const b = () => a;',
    fires: true,
  },
];

let findings = new Set<string>();

beforeAll(() => {
  for (const name of ["biome.json", ".gitignore"]) copyFileSync(join(PROJECT, name), join(root, name));
  for (const { file, allowed, forbidden } of WALLS) {
    place(
      file,
      [...allowed, ...forbidden].flatMap((path) => WAYS.map((write) => write(path))),
    );
  }
  for (const { file, code } of OTHER_RULES) place(file, [code]);
  findings = lint();
});

/** What a wall says to each path, in each way of importing it. */
function verdicts({ file, allowed, forbidden }: Wall) {
  const paths = [...allowed, ...forbidden];
  const stopped = (index: number) =>
    WAYS.filter((_, way) => findings.has(`noRestrictedImports ${file}:${index * WAYS.length + way + 1}`)).length;
  return Object.fromEntries(paths.map((path, index) => [path, stopped(index)]));
}

describe("import walls", () => {
  test.each(WALLS.map((wall) => [wall.name, wall] as const))("%s", (_, wall) => {
    const expected = [
      ...wall.allowed.map((path) => [path, 0] as const),
      ...wall.forbidden.map((path) => [path, WAYS.length] as const),
    ];
    expect(verdicts(wall)).toEqual(Object.fromEntries(expected));
  });

  test("a resource is one flat folder, which is what its wall is written for", () => {
    const nested = NOUNS.flatMap((noun) =>
      readdirSync(join(RESOURCES, noun), { withFileTypes: true }).flatMap((entry) =>
        entry.isDirectory() ? [`${noun}/${entry.name}`] : [],
      ),
    );
    expect(nested).toEqual([]);
  });

  test("contract takes nothing but types from the engine", () => {
    const folder = join(PROJECT, "packages", "contract", "src");
    const files = [...new Bun.Glob("**/*.ts").scanSync(folder)].filter((name) => !name.endsWith(".test.ts"));
    const values = files.filter((name) => {
      const text = readFileSync(join(folder, name), "utf8");
      const imports = text.match(/(import|export)\s[^;]*?from\s+"@burgee\/engine"|import\("@burgee\/engine"\)/g) ?? [];
      return imports.some((statement) => !/^(import|export) type\s/.test(statement));
    });
    expect(values).toEqual([]);
  });
});

describe("other rules", () => {
  test.each(OTHER_RULES.map((probe) => [probe.rule, probe.fires ? "fires" : "is silent", probe.file, probe] as const))(
    "%s %s in %s",
    (rule, _, file, { fires }) => {
      expect([...findings].some((found) => found.startsWith(`${rule} ${file}:`))).toBe(fires);
    },
  );
});
