/** From starting the program on a large database to the first served flag. */
import { join } from "node:path";
import { clientKey } from "./documents.ts";
import { openFixture } from "./fixture.ts";
import { freePort } from "./processes.ts";
import { type BenchOptions, type BenchRow, figure, median } from "./row.ts";

export const name = "start";

const ROOT = join(import.meta.dir, "..");
const MAIN = "packages/server/src/main.ts";
const LIMIT_MS = 20_000;

async function firstFlag(url: string): Promise<void> {
  const headers = { "X-Environment-Key": clientKey("medium") };
  const deadline = performance.now() + LIMIT_MS;
  while (performance.now() < deadline) {
    const answer = await fetch(url, { headers }).catch(() => undefined);
    if (answer?.status === 200 && (await answer.text()).startsWith("[{")) return;
    await Bun.sleep(1);
  }
  throw new Error(`no flag within ${LIMIT_MS} ms`);
}

/** Milliseconds. */
async function startOnce(command: readonly string[], folder: string): Promise<number> {
  const port = await freePort();
  const started = performance.now();
  const child = Bun.spawn([...command, MAIN, "serve"], {
    cwd: ROOT,
    env: { ...process.env, BURGEE_DATABASE_URL: `sqlite:${folder}/burgee.db`, BURGEE_PORT: String(port) },
    stdout: "ignore",
    stderr: "inherit",
  });
  try {
    await firstFlag(`http://127.0.0.1:${port}/api/v1/flags/`);
    return performance.now() - started;
  } finally {
    child.kill("SIGTERM");
    await child.exited;
  }
}

export async function run({ quick, progress }: BenchOptions): Promise<BenchRow[]> {
  const identities = quick ? 20_000 : 1_000_000;
  const fixture = await openFixture({ document: "medium", identities }, progress);
  const measure = async (command: readonly string[], times: number): Promise<number[]> => {
    const taken: number[] = [];
    for (let start = 0; start < times; start += 1) taken.push(await startOnce(command, fixture.folder));
    progress(`${taken.map(figure).join(", ")} ms`);
    return taken;
  };
  try {
    const direct = await measure([process.execPath], quick ? 1 : 9);
    const node = Bun.which("node");
    const launched = node === null ? [] : await measure([node, "tools/run.mjs"], quick ? 1 : 5);
    const what = `start on ${identities.toLocaleString("en-US")} identities to the first served flag`;
    const spread = `${figure(Math.min(...direct))} to ${figure(Math.max(...direct))} ms`;
    const note =
      launched.length > 0 ? `${spread}; through npm start's launcher ${figure(median(launched))} ms` : spread;
    return [{ what, value: median(direct), unit: "ms", must: 1000, aim: 300, better: "lower", note }];
  } finally {
    fixture.remove();
  }
}
