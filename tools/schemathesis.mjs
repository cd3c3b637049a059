/**
 * Drives the served OpenAPI document with schemathesis (pip install schemathesis) against a server of its own, and fails where it
 * finds an answer of 500 or more. Not part of `npm test`, which has a property-based test of its own (hostile-input.test.ts).
 *
 *   node tools/schemathesis.mjs [seconds] [path of schemathesis]
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const seconds = Number(process.argv[2] ?? 180);
const program = process.argv[3] ?? "schemathesis";
const burgee = join(dirname(fileURLToPath(import.meta.url)), "burgee.mjs");

/** What would take away the ground it stands on, or never ends. */
const left = [
  ["--exclude-name", "DELETE /api/v1/organisations/{id}/"],
  ["--exclude-path-regex", "^/sse/|/stream/"],
].flat();

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

const folder = mkdtempSync(join(tmpdir(), "burgee-schemathesis-"));
const port = await freePort();
const base = `http://127.0.0.1:${port}`;
const env = { ...process.env, BURGEE_DATA: folder, BURGEE_DATABASE_URL: `sqlite:${join(folder, "burgee.db")}` };
const server = spawn(process.execPath, [burgee, "serve", "--demo"], {
  env: { ...env, BURGEE_PORT: String(port), BURGEE_LOG_LEVEL: "error" },
  stdio: ["ignore", "ignore", "inherit"],
});

async function untilReady() {
  for (let tries = 0; tries < 200; tries += 1) {
    const answer = await fetch(`${base}/health/readiness/`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the server does not answer");
}

function setUp() {
  const args = [burgee, "setup", "--email", "a@example.com", "--organisation", "Schemathesis", "--password-stdin"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, input: "correct horse battery 9\n" });
  if (status !== 0) throw new Error(String(stderr));
  return JSON.parse(String(stdout).trim().split("\n").at(-1)).api_key;
}

try {
  await untilReady();
  const key = setUp();
  const args = ["run", `${base}/api/v1/swagger.json`, "-H", `Authorization: Api-Key ${key}`];
  args.push("--checks", "not_a_server_error", "--request-timeout", "10", "--workers", "1", "--max-examples", "20");
  args.push("--suppress-health-check", "all", "--continue-on-failure", "--max-time", String(seconds), ...left);
  process.exitCode = spawnSync(program, args, { stdio: "inherit" }).status ?? 1;
} finally {
  const ended = new Promise((resolve) => server.on("exit", resolve));
  server.kill("SIGTERM");
  await ended;
  rmSync(folder, { recursive: true, force: true });
}
