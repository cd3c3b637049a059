/**
 * What CI runs: linter and walls, types, unused code, tests. All of them, even when one fails, so that one run tells everything.
 * The tests are run by `npm test`, the same command the README names. The last line counts them.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureInstalled, InstallError, npmCommand, ROOT } from "./install.mjs";
import { countTests } from "./test-summary.mjs";

const RUN = join(ROOT, "tools", "run.mjs");
const npm = npmCommand();
const installed = (...args) => ({ file: process.execPath, args: [RUN, "--bin", ...args] });

const STEPS = [
  { name: "biome", title: "lint, format, import walls", ...installed("biome", "check", ".") },
  { name: "tsc", title: "types", ...installed("tsc", "-p", ".") },
  { name: "knip", title: "unused files, exports and dependencies", ...installed("knip") },
  { name: "tests", title: "npm test", file: npm.file, args: [...npm.first, "--silent", "test"], isCounted: true },
];

/** Shows the output as it comes and keeps it where it is counted. */
function runStep({ file, args, isCounted }) {
  return new Promise((done) => {
    const stdio = ["ignore", isCounted ? "pipe" : "inherit", isCounted ? "pipe" : "inherit"];
    const child = spawn(file, args, { cwd: ROOT, stdio, shell: file.endsWith(".cmd") });
    let output = "";
    const keep = (stream, to) => {
      stream?.setEncoding("utf8");
      stream?.on("data", (text) => {
        output += text;
        to.write(text);
      });
    };
    keep(child.stdout, process.stdout);
    keep(child.stderr, process.stderr);
    const stop = (signal) => child.kill(signal);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
    child.on("error", (error) => done({ isGood: false, output: `${output}\n${error.message}` }));
    child.on("close", (code) => done({ isGood: code === 0, output }));
  });
}

async function main() {
  await ensureInstalled();
  const results = [];
  let counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [index, step] of STEPS.entries()) {
    process.stdout.write(`\n== ${index + 1}/${STEPS.length} ${step.name}: ${step.title}\n`);
    const started = Date.now();
    const { isGood, output } = await runStep(step);
    if (step.isCounted) counts = countTests(output, isGood);
    results.push({ name: step.name, isGood, seconds: ((Date.now() - started) / 1000).toFixed(1) });
  }
  process.stdout.write("\n== summary\n");
  for (const { name, isGood, seconds } of results) {
    process.stdout.write(`${isGood ? "ok    " : "FAILED"} ${name} (${seconds} s)\n`);
  }
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  process.exitCode = results.every(({ isGood }) => isGood) ? 0 : 1;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`burgee: ${error instanceof InstallError ? error.message : error.stack}\n`);
  process.exitCode = 1;
}
