/**
 * A PostgreSQL of the test's own from the system's binaries: its own folder, its own port, not root, gone afterwards.
 * It can be stopped, started and killed, which a shared one must not be.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { Client } from "pg";

export interface TestPostgres {
  readonly port: number;
  /** Of the database that is always there; `databaseUrl` makes one for another name. */
  readonly url: string;
  databaseUrl(database: string): string;
  /** "fast" ends sessions and writes everything out; "kill" is kill -9 of every process of it. */
  stop(how: "fast" | "kill"): Promise<void>;
  /** After a stop: the same data on the same port. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
}

export interface TestPostgresOptions {
  /** Settings as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where its folder is made; else among the system's temporary files. */
  readonly place?: string;
}

const programs = "/usr/lib/postgresql";
const startLimitMs = 30_000;

export async function startTestPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const { settings = {}, place = tmpdir() } = options;
  const bin = await findPrograms();
  const account = await findAccount();
  const folder = await mkdtemp(join(place, "burgee-postgres-"));
  if (account) await chown(folder, account.uid, account.gid);
  const data = join(folder, "data");
  await run(bin, account, "initdb", [
    "--no-sync",
    "-D",
    data,
    "-U",
    "burgee",
    "-A",
    "trust",
    "-E",
    "UTF8",
    "--locale=C",
  ]);
  const port = await findFreePort();
  const databaseUrl = (database: string) => `postgres://burgee@127.0.0.1:${port}/${database}`;
  const url = databaseUrl("postgres");
  let server: ChildProcess | undefined;

  const start = async () => {
    const all = { port: String(port), listen_addresses: "127.0.0.1", unix_socket_directories: "", ...settings };
    const list = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    // The processes of one that was killed may hold its memory and its port for a moment longer.
    for (let tries = 1; ; tries += 1) {
      const begun = spawnAs(account, join(bin, "postgres"), ["-D", data, ...list]);
      server = begun;
      try {
        return await untilAnswering(url, begun);
      } catch (error) {
        if (tries === MAX_STARTS || begun.exitCode === null) throw error;
        await Bun.sleep(500);
      }
    }
  };
  const stop = async (how: "fast" | "kill") => {
    const stopping = server;
    server = undefined;
    if (!stopping || stopping.exitCode !== null) return;
    const exited = new Promise((resolve) => stopping.once("exit", resolve));
    if (how === "fast") stopping.kill("SIGINT");
    else for (const pid of await familyOf(stopping.pid ?? -1)) killIfAlive(pid);
    await exited;
  };
  await start();
  return {
    port,
    url,
    databaseUrl,
    stop,
    start,
    remove: async () => {
      await stop("fast");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The newest version that is installed. */
async function findPrograms(): Promise<string> {
  const versions = await readdir(programs).catch(() => []);
  const newest = versions.filter((name) => /^\d+$/.test(name)).sort((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined) throw new Error(`PostgreSQL is not installed: there is no ${programs}/*/bin.`);
  return join(programs, newest, "bin");
}

const MAX_STARTS = 10;

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses root; undefined = run it as whoever we are. */
async function findAccount(): Promise<Account | undefined> {
  if (userInfo().uid !== 0) return undefined;
  const lines = (await Bun.file("/etc/passwd").text()).split("\n").map((line) => line.split(":"));
  const found = lines.find(([name]) => name === "postgres") ?? lines.find(([name]) => name === "nobody");
  if (!found) throw new Error("There is neither an account postgres nor an account nobody to run PostgreSQL as.");
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

function spawnAs(account: Account | undefined, program: string, args: readonly string[]): ChildProcess {
  const options = { cwd: "/", stdio: "ignore" as const, env: { PATH: process.env["PATH"], LC_ALL: "C" } };
  if (!account) return spawn(program, args, options);
  // setpriv replaces itself, so that the pid is the server's own.
  const drop = [`--reuid=${account.uid}`, `--regid=${account.gid}`, "--clear-groups", "--", program, ...args];
  return spawn("setpriv", drop, options);
}

async function run(bin: string, account: Account | undefined, program: string, args: readonly string[]): Promise<void> {
  const child = spawnAs(account, join(bin, program), args);
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`${program} ended with ${code}.`);
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function untilAnswering(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + startLimitMs;
  for (;;) {
    const client = new Client({ connectionString: url });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query("select 1");
      return;
    } catch (error) {
      if (server.exitCode !== null) throw new Error(`PostgreSQL ended with ${server.exitCode} while starting.`);
      if (Date.now() > deadline) throw error;
      await Bun.sleep(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

async function familyOf(pid: number): Promise<number[]> {
  const children = await Bun.file(`/proc/${pid}/task/${pid}/children`).text();
  return [pid, ...children.split(" ").filter(Boolean).map(Number)];
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
