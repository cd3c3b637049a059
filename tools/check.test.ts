/** The check: every step is run and named, whatever failed before it, and the last line counts the tests. */
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { createProject, endOf, type Project } from "./fixture-project.ts";

const STEPS = ["biome", "tsc", "knip"];

/** A project whose three tools do nothing but say that they ran, and fail where they are told to. */
async function createChecked(failing: readonly string[], tests: string): Promise<Project> {
  const project = createProject();
  const dependencies = Object.fromEntries(STEPS.map((name) => [name, "1.0.0"]));
  writeFileSync(project.path("package.json"), JSON.stringify({ type: "module", dependencies }));
  writeFileSync(project.path("tools", "probe.test.ts"), `import { expect, test } from "bun:test";\n${tests}`);
  await project.start(["hello.ts"]);
  for (const name of STEPS) {
    mkdirSync(project.path("node_modules", name));
    writeFileSync(project.path("node_modules", name, "package.json"), JSON.stringify({ bin: { [name]: "./run.js" } }));
    const code = `console.log("ran ${name}", ...process.argv.slice(2)); process.exit(${failing.includes(name) ? 1 : 0})`;
    writeFileSync(project.path("node_modules", name, "run.js"), code);
  }
  return project;
}

const check = async (project: Project) => {
  const { code, out } = await endOf(project.spawn(["tools/check.mjs"]));
  const kept = out.split("\n").filter((line) => /^(==|ran|ok|FAILED|\d+ passed)/.test(line));
  return {
    code,
    lines: kept.map((line) => line.replace(/ \([\d.]+ s\)$/, "")),
    last: out.trimEnd().split("\n").at(-1),
  };
};

const TITLES = [
  "== 1/4 biome: lint, format, import walls",
  "ran biome check .",
  "== 2/4 tsc: types",
  "ran tsc -p .",
  "== 3/4 knip: unused files, exports and dependencies",
  "ran knip",
  "== 4/4 tests: npm test",
];

test("all is well only when every step is", async () => {
  const project = await createChecked([], 'test("a", () => {}); test.skip("b", () => {});');
  expect(await check(project)).toEqual({
    code: 0,
    lines: [
      ...TITLES,
      "== summary",
      "ok     biome",
      "ok     tsc",
      "ok     knip",
      "ok     tests",
      "1 passed, 0 failed, 1 skipped",
    ],
    last: "1 passed, 0 failed, 1 skipped",
  });
});

test("a step that fails stops no other, and fails the check", async () => {
  const project = await createChecked(["biome", "knip"], 'test("a", () => {});');
  expect(await check(project)).toEqual({
    code: 1,
    lines: [
      ...TITLES,
      "== summary",
      "FAILED biome",
      "ok     tsc",
      "FAILED knip",
      "ok     tests",
      "1 passed, 0 failed, 0 skipped",
    ],
    last: "1 passed, 0 failed, 0 skipped",
  });
});

test("failed tests fail the check and are counted", async () => {
  const project = await createChecked([], 'test("a", () => {}); test("b", () => { expect(1).toBe(2); });');
  const { code, last } = await check(project);
  expect(code).toBe(1);
  expect(last).toBe("1 passed, 1 failed, 0 skipped");
});
