/** Server processes of a benchmark: started on a core of their own where that can be had, measured from outside, and always ended. */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { startTestServer } from "../packages/server/src/testing/index.ts";
import { forServer } from "../tools/allocator.mjs";

export interface BenchServer {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** One line of text to a script of ours; the product has no such ear. */
  tell(line: string): void;
  /** What a script of ours printed after its port, line by line. */
  readonly heard: readonly string[];
  stop(): Promise<void>;
}

const running = new Set<number>();
process.on("exit", () => {
  for (const pid of running) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
});

const hasTaskset = Bun.which("taskset") !== null && availableParallelism() >= 2;

/** Load is made on one core and served on another, so that neither takes time from the other. */
export const GENERATOR_CORE = 0;
export const SERVER_CORE = 1;

export const isPinned = (): boolean => hasTaskset;

export const onCore = (core: number, command: readonly string[]): string[] =>
  hasTaskset ? ["taskset", "-c", String(core), ...command] : [...command];

async function moveToCore(pid: number, core: number): Promise<void> {
  if (hasTaskset) await Bun.spawn(["taskset", "-a", "-cp", String(core), String(pid)], { stdout: "ignore" }).exited;
}

export interface ProductOptions {
  readonly folder: string;
  /** undefined = wherever the system puts it. */
  readonly core?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** The product as users start it: with the environment that `npm start` gives it. */
export async function startProduct({ folder, core, env = {} }: ProductOptions): Promise<BenchServer> {
  const server = await startTestServer({ folder, env: { ...forServer({}), ...env } });
  running.add(server.pid);
  if (core !== undefined) await moveToCore(server.pid, core);
  return {
    url: server.url,
    port: server.port,
    pid: server.pid,
    tell: () => {},
    heard: [],
    stop: async () => {
      await server.stop();
      running.delete(server.pid);
    },
  };
}

/** A server of this folder, with the same environment: prints `port N` when it listens, and ends when its input does. */
export async function startScript(script: string, args: readonly string[], core?: number): Promise<BenchServer> {
  const command = [process.execPath, join(import.meta.dir, script), ...args];
  const child = Bun.spawn(core === undefined ? command : onCore(core, command), {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
    env: forServer(process.env),
  });
  running.add(child.pid);
  const heard: string[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    void readLines(child.stdout, (line) => {
      const found = /^port (\d+)$/.exec(line)?.[1];
      if (found !== undefined) resolve(Number(found));
      else heard.push(line);
    });
    void child.exited.then((code) => reject(new Error(`${script} ended with ${code} before it listened`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid,
    tell: (line) => {
      child.stdin.write(`${line}\n`);
      void child.stdin.flush();
    },
    heard,
    stop: async () => {
      await child.stdin.end();
      await child.exited;
      running.delete(child.pid);
    },
  };
}

const SETTLE_MS = 120_000;

/** Waits until a server.ts has done what is left to do behind what was written. */
export async function settled(server: BenchServer): Promise<void> {
  const said = () => server.heard.filter((line) => line === "settled").length;
  const before = said();
  const deadline = Date.now() + SETTLE_MS;
  server.tell("settle");
  while (said() === before) {
    if (Date.now() > deadline) throw new Error(`the server did not settle within ${SETTLE_MS} ms`);
    await Bun.sleep(20);
  }
}

async function readLines(stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

const TICKS_PER_SECOND = 100;

/** Seconds of processor time a process has used, all threads; NaN where the system does not say. */
export function cpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}

/** Megabytes (10^6 bytes) resident now and at most so far; NaN where the system does not say. */
export function residentMegabytes(pid: number): { readonly now: number; readonly peak: number } {
  let status = "";
  try {
    status = readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    const told = Bun.spawnSync(["ps", "-o", "rss=", "-p", String(pid)])
      .stdout.toString()
      .trim();
    return { now: told === "" ? Number.NaN : (Number(told) * 1024) / 1e6, peak: Number.NaN };
  }
  const read = (field: string) => (Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * 1024) / 1e6;
  return { now: read("VmRSS"), peak: read("VmHWM") };
}
