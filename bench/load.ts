/** As many requests as a server takes, over a number of connections and seconds: wrk where it is installed, else autocannon. */
import { join } from "node:path";
import { type BenchServer, cpuSeconds, GENERATOR_CORE, onCore } from "./processes.ts";

export interface Load {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whole seconds: wrk counts in no other. */
  readonly seconds: number;
  readonly connections?: number;
  /** After which a request counts as failed; wrk's own limit is 2. */
  readonly timeoutSeconds?: number;
  /** The system places the generator, too; else it has a core to itself. */
  readonly isUnbound?: boolean;
  /** POSTs instead of GETs: bodies one a line, in turn; "@@" becomes a number from `first` on, each once. */
  readonly bodies?: { readonly file: string; readonly first?: number };
}

export interface LoadResult {
  readonly requests: number;
  /** Requests a second. */
  readonly rate: number;
  /** Requests for each second of the server's processor time; NaN where the system does not say. */
  readonly perCpuSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Report {
  readonly requests: number;
  readonly microseconds: number;
  readonly errors: number;
  readonly p50: number;
  readonly p99: number;
}

const WRK = Bun.which("wrk");
const GRACE_SECONDS = 30;

/** autocannon needs more processor than the servers it measures: their rates are then its own. */
export const generatorKeepsUp = WRK !== null;
export const generatorName = WRK === null ? "autocannon" : "wrk";

function commandOf(url: string, load: Load): string[] {
  const { seconds, connections = 64, headers, bodies } = load;
  if (WRK === null) {
    const what = { url, connections, seconds, headers, bodies: bodies?.file, first: bodies?.first ?? 0 };
    return [Bun.which("node") ?? process.execPath, join(import.meta.dir, "autocannon.mjs"), JSON.stringify(what)];
  }
  const named = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const limit = load.timeoutSeconds === undefined ? [] : ["--timeout", `${load.timeoutSeconds}s`];
  const script = [...limit, "-s", join(import.meta.dir, "load.lua")];
  const sent = bodies ? ["--", bodies.file, String(bodies.first ?? 0)] : [];
  return [WRK, "-t1", `-c${connections}`, `-d${seconds}s`, ...named, ...script, url, ...sent];
}

function readReport(printed: string): Report {
  const line = printed.trimEnd().split("\n").at(-1) ?? "";
  if (!line.startsWith("{")) throw new Error(`${generatorName} did not report:\n${printed}`);
  return JSON.parse(line) as Report;
}

/** Rejects when a single request failed: a rate with errors in it means nothing. */
export async function applyLoad(server: BenchServer, load: Load): Promise<LoadResult> {
  const before = cpuSeconds(server.pid);
  const command = commandOf(`${server.url}${load.path}`, load);
  const generator = Bun.spawn(load.isUnbound ? command : onCore(GENERATOR_CORE, command), {
    stdout: "pipe",
    stderr: "pipe",
    timeout: (load.seconds + GRACE_SECONDS) * 1000,
  });
  const [printed, complaint] = await Promise.all([
    new Response(generator.stdout).text(),
    new Response(generator.stderr).text(),
  ]);
  if ((await generator.exited) !== 0) throw new Error(`${generatorName} failed: ${complaint}${printed}`);
  const used = cpuSeconds(server.pid) - before;
  const { requests, microseconds, errors, p50, p99 } = readReport(printed);
  if (errors > 0) throw new Error(`${errors} of ${requests} requests to ${load.path} failed`);
  return {
    requests,
    rate: requests / (microseconds / 1e6),
    perCpuSecond: requests / used,
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
  };
}
