/** Adds up what bun says at the end of a test run, which has no form for programs that also shows progress. */
const COUNT = /^\s*(\d+) (pass|fail|skip|todo|error)s?$/;
const END = /^Ran \d+ tests? across \d+ files?\b/;
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** A run that failed without saying so in numbers (a crash, no summary) counts as one failure: 0 failed would be a lie. */
export function countTests(output, isGood) {
  const total = { pass: 0, fail: 0, skip: 0, todo: 0, error: 0 };
  let block = {};
  for (const line of output.replace(COLOUR, "").split(/\r?\n/)) {
    const [, number, kind] = COUNT.exec(line) ?? [];
    if (kind) block[kind] = Number(number);
    if (!END.test(line)) continue;
    for (const [name, count] of Object.entries(block)) total[name] += count;
    block = {};
  }
  // A file that cannot be loaded is both one failure and one error.
  const failed = Math.max(total.fail, total.error, isGood ? 0 : 1);
  return { passed: total.pass, failed, skipped: total.skip + total.todo };
}
