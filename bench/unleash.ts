/**
 * Against unleash-server, in the same run on the same core: what a user with 100 flags gets, as its frontend API and our identities
 * answer it. It comes from npm into a folder of its own among the temporary files, and is kept there for the next run.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identifyBody } from "./bodies.ts";
import { clientKey, documentText } from "./documents.ts";
import { SEED, temporaryFolder } from "./fixture.ts";
import { identityAt } from "./identity-generator.ts";
import { applyLoad } from "./load.ts";
import { startPostgresFixture } from "./postgres-fixture.ts";
import { type BenchServer, freePort, onCore, SERVER_CORE, startProduct } from "./processes.ts";
import { describe, takeTurns } from "./rounds.ts";
import { type BenchOptions, type BenchRow, figure } from "./row.ts";

export const name = "unleash";

const VERSION = "7.5.1";
const FOLDER = join(tmpdir(), `burgee-bench-${process.getuid?.() ?? 0}-unleash-${VERSION}`);
const MAIN = join(FOLDER, "node_modules", "unleash-server", "dist", "server.js");
const FLAGS = 100;
const PLANS = ["free", "pro", "scale", "enterprise"];
const USERS = 1000;
const INSTALL_MS = 240_000;
const START_MS = 90_000;
const ADMIN = "*:*.benchmark-admin-token";
const FRONTEND = "default:development.benchmark-frontend-token";

/** undefined = it is there; else why not. */
async function install(progress: (text: string) => void): Promise<string | undefined> {
  if (existsSync(MAIN)) return undefined;
  progress(`installing unleash-server ${VERSION}, this happens once ...`);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "package.json"), '{"private":true}');
  const command = ["npm", "install", `unleash-server@${VERSION}`, "--no-audit", "--no-fund", "--ignore-scripts"];
  const npm = Bun.spawn(command, { cwd: FOLDER, stdout: "ignore", stderr: "pipe", timeout: INSTALL_MS });
  const complaint = await new Response(npm.stderr).text();
  return (await npm.exited) === 0 && existsSync(MAIN) ? undefined : complaint.trim().split("\n").at(-1);
}

async function startUnleash(databaseUrl: string): Promise<BenchServer> {
  const port = await freePort();
  const env = {
    ...process.env,
    NODE_ENV: "production",
    DATABASE_URL: databaseUrl,
    DATABASE_SSL: "false",
    HTTP_HOST: "127.0.0.1",
    HTTP_PORT: String(port),
    LOG_LEVEL: "error",
    CHECK_VERSION: "false",
    SEND_TELEMETRY: "false",
    INIT_ADMIN_API_TOKENS: ADMIN,
    INIT_FRONTEND_API_TOKENS: FRONTEND,
  };
  const child = Bun.spawn(onCore(SERVER_CORE, ["node", MAIN]), {
    cwd: FOLDER,
    env,
    stdout: "ignore",
    stderr: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_MS;
  while (!(await fetch(`${url}/health`).catch(() => undefined))?.ok) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error("unleash-server did not start");
    }
    await Bun.sleep(200);
  }
  const stop = async () => {
    child.kill("SIGKILL");
    await child.exited;
  };
  return { url, port, pid: child.pid, tell: () => {}, heard: [], stop };
}

/** Ours in the shape of theirs: 100 flags, each with a segment of one condition. */
function sameShape(): string {
  const document = JSON.parse(documentText("medium")) as { project: { segments: { rules: unknown[] }[] } };
  const conditions = [{ operator: "IN", property_: "plan", value: PLANS.join(",") }];
  for (const segment of document.project.segments) segment.rules = [{ type: "ALL", conditions, rules: [] }];
  return JSON.stringify(document);
}

/** Every flag on, each for those of one plan, spread over everybody. */
async function createFlags({ url }: BenchServer): Promise<void> {
  const post = async (path: string, body: unknown) => {
    const headers = { Authorization: ADMIN, "Content-Type": "application/json" };
    const answer = await fetch(`${url}/api/admin/projects/default/features${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`unleash-server answered ${answer.status} ${await answer.text()}`);
  };
  for (let index = 0; index < FLAGS; index += 1) {
    const flag = `feature_${index}`;
    const constraints = [{ contextName: "plan", operator: "IN", values: PLANS }];
    const parameters = { rollout: "100", stickiness: "userId", groupId: flag };
    await post("", { name: flag, type: "release" });
    await post(`/${flag}/environments/development/strategies`, { name: "flexibleRollout", constraints, parameters });
    await post(`/${flag}/environments/development/on`, {});
  }
}

const THEIR_PATH = "/api/frontend?userId=user-7&properties%5Bplan%5D=pro&properties%5Bcountry%5D=DE";

async function untilServed({ url }: BenchServer): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await fetch(url + THEIR_PATH, { headers: { Authorization: FRONTEND } });
    const text = await answer.text();
    const { toggles = [] } = (answer.ok ? JSON.parse(text) : {}) as { toggles?: unknown[] };
    if (toggles.length === FLAGS) return text.length;
    await Bun.sleep(200);
  }
  throw new Error("unleash-server does not serve the flags");
}

export async function run({ quick, progress }: BenchOptions): Promise<BenchRow[]> {
  const what = `what a user with ${FLAGS} flags gets, PostgreSQL, one core: requests a second against unleash-server's frontend API`;
  const row = { what, unit: "x", must: 10, aim: 25, better: "higher" } as const;
  const reason = await install(progress);
  if (reason !== undefined) {
    const note = `unleash-server ${VERSION} could not be installed: ${reason}`;
    return [{ what, unit: "x", better: "higher", value: Number.NaN, note }];
  }
  const seconds = quick ? 1 : 3;
  const fixture = await startPostgresFixture();
  const { folder, remove } = temporaryFolder();
  try {
    const ourUrl = await fixture.createDatabase("medium", 0, sameShape());
    const theirs = await startUnleash(await fixture.createEmpty());
    const env = { BURGEE_DATABASE_URL: ourUrl };
    const ours = await startProduct({ folder, core: SERVER_CORE, env });
    try {
      await createFlags(theirs);
      const bytes = await untilServed(theirs);
      const bodies = { file: join(folder, "bodies.txt") };
      // Theirs keeps nobody's properties, so ours is asked not to either.
      const lines = Array.from({ length: USERS }, (_, index) =>
        identifyBody(identityAt(SEED, index)).replace(/}$/, ',"transient":true}'),
      );
      writeFileSync(bodies.file, `${lines.join("\n")}\n`);
      const ourLoad = {
        path: "/api/v1/identities/",
        headers: { "X-Environment-Key": clientKey("medium") },
        seconds,
        timeoutSeconds: 20,
        bodies,
      };
      const ofrep = {
        path: "/ofrep/v1/evaluate/flags",
        headers: { "X-API-Key": clientKey("medium") },
        seconds,
        timeoutSeconds: 20,
        bodies: { file: join(folder, "contexts.txt") },
      };
      const contexts = Array.from({ length: USERS }, (_, index) => {
        const { identifier, traits } = identityAt(SEED, index);
        return JSON.stringify({ context: { targetingKey: identifier, ...traits } });
      });
      writeFileSync(ofrep.bodies.file, `${contexts.join("\n")}\n`);
      const theirLoad = { path: THEIR_PATH, headers: { Authorization: FRONTEND }, seconds, timeoutSeconds: 20 };
      if (!quick) {
        await applyLoad(ours, ourLoad);
        await applyLoad(theirs, theirLoad);
      }
      const turns = await takeTurns(
        quick ? 1 : 5,
        () => applyLoad(ours, ourLoad),
        () => applyLoad(theirs, theirLoad),
        progress,
      );
      if (!quick) await applyLoad(ours, ofrep);
      const bulk = await applyLoad(ours, ofrep);
      const note = `${describe(turns)}; OFREP's bulk evaluation ${figure(bulk.rate)}/s; each flag has one condition, nothing is stored on either side; theirs answers ${bytes.toLocaleString("en-US")} bytes; unleash-server ${VERSION}`;
      return [{ ...row, value: turns.ratio, note }];
    } finally {
      await ours.stop();
      await theirs.stop();
    }
  } finally {
    remove();
    await fixture.remove();
  }
}
