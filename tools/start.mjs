/** Runs a program in our place: its output, its exit code, and the signals we get are its own. */
import { spawn } from "node:child_process";
import { ensureInstalled, exitCodeOf, InstallError } from "./install.mjs";

const PARENT_CHECK_MS = 250;

/** npm sends its signals to the shell between us, which ends without passing them on: its end is the signal. */
function followParent(onEnd) {
  if (!process.env["npm_lifecycle_event"]) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onEnd();
  }, PARENT_CHECK_MS);
  timer.unref();
}

let hasBeenStopped = false;

function runInOurPlace(file, args, options) {
  return new Promise((done, fail) => {
    const child = spawn(file, args, { stdio: "inherit", ...options });
    const pass = (signal) => {
      hasBeenStopped = true;
      // A terminal sends Ctrl-C to the whole group, so the child has it already: a second one would cut its draining short.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, pass);
    followParent(() => pass("SIGTERM"));
    child.on("error", fail);
    child.on("close", (code, signal) => done(exitCodeOf(code, signal)));
  });
}

/** Installs what is missing, then runs what `choose(bun)` names or promises, one after the other; ends with the first code that is not 0. */
export async function start(choose) {
  try {
    let worst = 0;
    for (const { title, file, args, cwd, env } of [await choose(await ensureInstalled())].flat()) {
      if (title) process.stderr.write(`burgee: ${title}\n`);
      const code = await runInOurPlace(file, args, { ...(cwd && { cwd }), ...(env && { env }) });
      worst ||= code;
      if (hasBeenStopped) break;
    }
    process.exit(worst);
  } catch (error) {
    const isExpected = error instanceof InstallError || error instanceof UsageError;
    process.stderr.write(`burgee: ${isExpected ? error.message : error.stack}\n`);
    process.exit(1);
  }
}

export class UsageError extends Error {}
