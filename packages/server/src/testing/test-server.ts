/** The real program in a process of its own, on a free port and a folder of its own: for SDKs, kills and benchmarks. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseOf, removeFolder } from "./test-database.ts";

const MAIN = join(import.meta.dir, "..", "main.ts");
/** Generous: the machine may be small and busy. */
const START_MS = 45_000;

export interface TestServerOptions {
  /** Kept between starts where given; else a fresh folder that goes with the server. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly port?: number;
}

export interface TestServer {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly folder: string;
  /** All that the program printed so far. */
  output(): string;
  /** Ends it as an operator would; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** kill -9. */
  kill(): Promise<void>;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function environment(folder: string, extra: Readonly<Record<string, string>> = {}) {
  const url = extra["BURGEE_DATABASE_URL"] ?? (await databaseOf(folder)).url;
  return { ...process.env, BURGEE_DATA: folder, ...extra, BURGEE_DATABASE_URL: url };
}

/** Runs `burgee ARGS` to its end, on the database of `folder`. */
export async function runBurgee(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = "",
) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: await environment(folder, env),
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(input);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr } satisfies CommandResult;
}

function listening(child: ChildProcess, output: () => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`the server ${why}:\n${output()}`));
    const timer = setTimeout(() => fail(`did not listen within ${START_MS} ms`), START_MS);
    child.on("exit", (code) => fail(`ended with ${code} before it listened`));
    const look = () => {
      const port = /"address":"http:\/\/[^"]*:(\d+)"/.exec(output())?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolve(Number(port));
    };
    child.stdout?.on("data", look);
  });
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "burgee-test-")));
  const env = await environment(folder, { BURGEE_PORT: String(options.port ?? 0), ...options.env });
  const child = spawn(process.execPath, [MAIN, "serve", ...(options.args ?? [])], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const collect = (chunk: unknown) => {
    printed += String(chunk);
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const exited = new Promise<number | null>((resolve) => child.on("close", resolve));
  const port = await listening(child, () => printed).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw error;
  });
  const cleanUp = async () => {
    if (options.folder !== undefined) return;
    if (options.env?.["BURGEE_DATABASE_URL"]) await rm(folder, { recursive: true, force: true });
    else await removeFolder(folder);
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? -1,
    folder,
    output: () => printed,
    stop: async () => {
      child.kill("SIGTERM");
      const code = await exited;
      await cleanUp();
      return code;
    },
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
      await cleanUp();
    },
  };
}
