/**
 * Every import wall fires: small probe files are linted in a folder of their own, under this project's biome.json, at the
 * places that the real ones would have. Each wall is shown twice: what it lets through and what it stops.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const PROJECT = dirname(import.meta.dir);
const RESOURCES = join(PROJECT, "packages", "server", "src", "resources");
const S = "packages/server/src";

interface Wall {
  readonly name: string;
  readonly file: string;
  readonly allowed: readonly string[];
  readonly forbidden: readonly string[];
}

const accessWall: Wall = {
  name: "access",
  file: `${S}/access/probe.ts`,
  allowed: ["./caller.ts", "../db/tables.ts", "../errors.ts", "kysely", "node:crypto"],
  forbidden: [
    "../http/headers.ts",
    "../changes/commit.ts",
    "../resources/flags/flags.sdk.ts",
    "../app.ts",
    "bun:sqlite",
  ],
};

const resourceWall = (noun: string): Wall => ({
  name: `resources/${noun}`,
  file: `${S}/resources/${noun}/probe.sdk.ts`,
  allowed: [
    "./probe.store.ts",
    "../../access/access.ts",
    "../../accounts/accounts.ts",
    "../../changes/commit.ts",
    "../../documents/documents.ts",
    "../../db/database.ts",
    "../../http/headers.ts",
    "../../errors.ts",
    "../../version.ts",
    "@burgee/contract",
    "@burgee/contract/sdk",
    "@burgee/engine",
    "hono",
    "zod",
  ],
  forbidden: [
    "../another/another.store.ts",
    "../another.ts",
    "../../resources/another/another.store.ts",
    "./../another/another.store.ts",
    "../../db/../resources/another/another.store.ts",
    "../../runtime/serve.ts",
    "../../config.ts",
    "../../app.ts",
    "../../main.ts",
    "../../testing/index.ts",
    "../../../../server/src/resources/another/another.store.ts",
    "@burgee/server/testing",
    "bun",
    "bun:sqlite",
  ],
});

const NOUNS = existsSync(RESOURCES)
  ? readdirSync(RESOURCES, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  : [];
const NO_NOUNS = ["resources/flags/flags.store.ts", "documents/documents.ts", "changes/commit.ts"];

const WALLS: readonly Wall[] = [
  accessWall,
  {
    name: "engine",
    file: "packages/engine/src/probe.ts",
    allowed: ["re2js", "./segments.ts"],
    forbidden: [
      "zod",
      "node:fs",
      "@burgee/contract",
      "../../server/src/errors.ts",
      "./../../contract/src/index.ts",
      "bun",
    ],
  },
  {
    name: "contract",
    file: "packages/contract/src/sdk/probe.ts",
    allowed: ["zod", "@burgee/engine", "./flag.ts", "../json/parse-json.ts"],
    forbidden: [
      "hono",
      "node:fs",
      "@burgee/server",
      "../../../server/src/errors.ts",
      "../../../engine/src/evaluate.ts",
      "../../package.json",
      "bun:test",
    ],
  },
  {
    name: "server/http",
    file: `${S}/http/probe.ts`,
    allowed: ["hono", "../errors.ts", "../db/database.ts", "@burgee/contract"],
    forbidden: [...NO_NOUNS.map((path) => `../${path}`), "../testing/index.ts", "../main.ts", "bun"],
  },
  {
    name: "server/errors",
    file: `${S}/errors.ts`,
    allowed: ["@burgee/contract"],
    forbidden: [...NO_NOUNS.map((path) => `./${path}`), "./main.ts", "bun"],
  },
  {
    name: "server/db",
    file: `${S}/db/sqlite/probe.ts`,
    allowed: ["kysely", "../tables.ts", "../../errors.ts", "../../runtime/sqlite.ts"],
    forbidden: [...NO_NOUNS.map((path) => `../../${path}`), "bun:sqlite"],
  },
  {
    name: "server/runtime",
    file: `${S}/runtime/probe.ts`,
    allowed: ["bun", "bun:sqlite", "../errors.ts"],
    forbidden: [...NO_NOUNS.map((path) => `../${path}`), "../main.ts"],
  },
  {
    name: "server/changes",
    file: `${S}/changes/probe.ts`,
    allowed: ["./revision.ts", "../db/database.ts", "../errors.ts", "kysely"],
    forbidden: [
      "../documents/documents.ts",
      "../resources/flags/flags.store.ts",
      "../http/headers.ts",
      "../config.ts",
      "../db/../documents/documents.ts",
      "@burgee/contract",
      "@burgee/engine",
      "bun:sqlite",
    ],
  },
  {
    name: "server/documents",
    file: `${S}/documents/probe.ts`,
    allowed: ["./loaded.ts", "../db/database.ts", "../errors.ts", "@burgee/engine"],
    forbidden: [
      "../changes/commit.ts",
      "../resources/flags/flags.store.ts",
      "../http/headers.ts",
      "../db/../changes/commit.ts",
      "@burgee/contract",
      "bun:sqlite",
    ],
  },
  {
    name: "server/accounts",
    file: `${S}/accounts/probe.ts`,
    allowed: [
      "./auth.ts",
      "../access/access.ts",
      "../changes/commit.ts",
      "../db/tables.ts",
      "../http/request-id.ts",
      "better-auth/api",
    ],
    forbidden: [
      "../documents/documents.ts",
      "../resources/flags/flags.store.ts",
      "../config.ts",
      "../db/../documents/documents.ts",
      "@burgee/engine",
      "bun:sqlite",
    ],
  },
  {
    name: "server/openapi",
    file: `${S}/openapi/probe.ts`,
    allowed: [
      "./document.ts",
      "./who-may/index.ts",
      "../http/admin-door.ts",
      "../errors.ts",
      "@burgee/contract/admin",
      "zod",
    ],
    forbidden: [
      "../db/database.ts",
      "../access/access.ts",
      "../changes/commit.ts",
      "../resources/flags/flags.sdk.ts",
      "../http/../db/database.ts",
      "../app.ts",
      "bun:sqlite",
    ],
  },
  ...["noun-of-tomorrow", ...NOUNS].map(resourceWall),
  {
    name: "a store",
    file: `${S}/resources/flags/probe.store.ts`,
    allowed: ["../../db/database.ts", "../../db/tables.ts", "kysely"],
    forbidden: [
      "./flags.sdk.ts",
      "../../http/headers.ts",
      "../../documents/documents.ts",
      "../../changes/commit.ts",
      "../identities/identities.store.ts",
      "../../db/../changes/commit.ts",
      "@burgee/contract",
      "@burgee/engine",
      "hono",
      "bun:sqlite",
    ],
  },
  {
    name: "a resource's test",
    file: `${S}/resources/flags/probe.test.ts`,
    allowed: ["bun:test", "./flags.store.ts", "../../testing/index.ts", "../../app.ts", "fast-check"],
    forbidden: ["../identities/identities.store.ts", "../../resources/identities/identities.store.ts"],
  },
  {
    name: "the rest of the server",
    file: `${S}/app.ts`,
    allowed: ["hono", "./resources/flags/flags.sdk.ts", "./documents/documents.ts", "./runtime/serve.ts"],
    forbidden: ["./main.ts", "./testing/index.ts", "@burgee/server/testing", "bun", "bun:sqlite"],
  },
  {
    name: "dashboard",
    file: "packages/dashboard/src/probe.ts",
    allowed: ["react", "@burgee/contract", "@burgee/engine", "./pages/flags.ts"],
    forbidden: ["@burgee/server", "@burgee/server/testing", "../../server/src/errors.ts", "node:fs", "bun:sqlite"],
  },
];

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
