/** The counts come from text, so they are held against what this very bun prints. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countTests } from "./test-summary.mjs";

const root = mkdtempSync(join(tmpdir(), "burgee-summary-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function runTests(env: Readonly<Record<string, string>>, ...names: string[]) {
  const child = Bun.spawn([process.execPath, "test", "--isolate", ...names.map((name) => `./${name}`)], {
    cwd: root,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { output: out + err, isGood: code === 0 };
}

const FROM = 'import { expect, test } from "bun:test";\n';
const good = `${FROM}test("a", () => {}); test("b", () => {}); test.skip("c", () => {}); test.todo("d");`;
writeFileSync(join(root, "good.test.ts"), good);
writeFileSync(join(root, "bad.test.ts"), `${FROM}test("a", () => {}); test("b", () => { expect(1).toBe(2); });`);
writeFileSync(join(root, "broken.test.ts"), `${FROM}import "./missing.ts"; test("never", () => {});`);

test("passed, failed and skipped are those of the run", async () => {
  const all = await runTests({}, "good.test.ts", "bad.test.ts");
  expect(countTests(all.output, all.isGood)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  const some = await runTests({}, "good.test.ts");
  expect(countTests(some.output, some.isGood)).toEqual({ passed: 2, failed: 0, skipped: 2 });
});

test("colours do not hide the counts", async () => {
  const { output, isGood } = await runTests({ FORCE_COLOR: "1" }, "good.test.ts", "bad.test.ts");
  expect(output).toContain("[0m");
  expect(countTests(output, isGood)).toEqual({ passed: 3, failed: 1, skipped: 2 });
});

test("a file that cannot be loaded is one failure", async () => {
  const { output, isGood } = await runTests({}, "good.test.ts", "broken.test.ts");
  expect(countTests(output, isGood)).toEqual({ passed: 2, failed: 1, skipped: 2 });
});

test("a run that ended without a summary is a failure, and two runs add up", () => {
  expect(countTests("Segmentation fault\n", false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  const one = " 5 pass\n 1 skip\n 0 fail\n 9 expect() calls\nRan 6 tests across 2 files. [1.00s]\n";
  expect(countTests(one + one, true)).toEqual({ passed: 10, failed: 0, skipped: 2 });
});
