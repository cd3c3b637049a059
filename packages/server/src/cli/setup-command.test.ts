import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseOf, runBurgee, startTestServer } from "../testing/index.ts";

const MAIN = join(import.meta.dir, "..", "main.ts");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "burgee-setup-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function setup(place: string, password: string, email = "ana@example.com") {
  const args = [MAIN, "setup", "--email", email, "--organisation", "Acme", "--password-stdin"];
  const { url } = await databaseOf(place);
  const env = { ...process.env, BURGEE_DATA: place, BURGEE_DATABASE_URL: url };
  const child = spawn(process.execPath, args, { env });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (piece) => {
    stdout += piece;
  });
  child.stderr.on("data", (piece) => {
    stderr += piece;
  });
  // A refusal may come before anything is read.
  child.stdin.on("error", () => {});
  child.stdin.end(password);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr };
}

describe("burgee setup", () => {
  for (const [password, why] of [
    ["short", "too short"],
    ["password1", "too common"],
    ["2749105538", "entirely numeric"],
    ["ana@example.com", "too similar to the email"],
    ["", "may not be blank"],
  ] as const) {
    test(`refuses the password "${password}" because it is ${why}`, async () => {
      const { code, stdout, stderr } = await setup(folder, password);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(why);
      expect(stderr.trim().split("\n")).toHaveLength(1);
    });
  }

  test("refuses an address that is none", async () => {
    const { code, stderr } = await setup(folder, "correct horse battery", "ana");
    expect([code, stderr]).toEqual([1, "email: Enter a valid email address.\n"]);
  });

  test("prints one line of JSON whose key works, and refuses a second time", async () => {
    const first = await setup(folder, "correct horse battery\n", "Ana@Example.com");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(first.stdout.split("\n")).toHaveLength(2);
    const made: { organisation_id: number; api_key: string } = JSON.parse(first.stdout);
    expect(Object.keys(made)).toEqual(["organisation_id", "api_key"]);

    const second = await setup(folder, "correct horse battery\n");
    expect([second.code, second.stdout]).toEqual([1, ""]);
    expect(second.stderr).toBe("An account exists already; ask its owner for an invitation.\n");

    const server = await startTestServer({ folder });
    try {
      expect(server.output()).not.toContain("/setup/");
      expect((await stat(join(folder, "secret"))).mode & 0o777).toBe(0o600);
      const headers = { Authorization: `Api-Key ${made.api_key}` };
      const organisations = await fetch(`${server.url}/api/v1/organisations/`, { headers });
      const { results }: { results: { id: number; name: string }[] } = await organisations.json();
      expect(results).toMatchObject([{ id: made.organisation_id, name: "Acme" }]);
      const login = await fetch(`${server.url}/api/auth/sign-in/email`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ email: "ana@example.com", password: "correct horse battery" }),
      });
      expect(login.status).toBe(200);
    } finally {
      await server.stop();
    }
  });
});

describe("burgee reset-password", () => {
  test("prints a link for whoever has an account", async () => {
    const nobody = await runBurgee(folder, ["reset-password", "--email", "nobody@example.com"]);
    expect([nobody.code, nobody.stdout]).toEqual([1, ""]);
    const { code, stdout } = await runBurgee(folder, ["reset-password", "--email", "ANA@example.com"], {
      BURGEE_PUBLIC_URL: "https://flags.example.com",
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^https:\/\/flags\.example\.com\/password-reset\/confirm\/MQ\/[\w-]{32}\n$/);
  });
});

describe("the first start", () => {
  test("prints a link that makes the first administrator, once", async () => {
    const server = await startTestServer();
    try {
      // It comes after the line that says "listening".
      while (!server.output().includes("--password-stdin")) await Bun.sleep(5);
      const link = /(http:\/\/localhost:\d+)\/setup\/(\S+)/.exec(server.output());
      expect(link?.[1]).toBe(`http://localhost:${server.port}`);
      const address = `${server.url}/api/v1/setup/${link?.[2]}/`;
      expect((await fetch(address)).status).toBe(200);
      const body = JSON.stringify({
        email: "ana@example.com",
        password: "correct horse battery",
        first_name: "Ana",
        organisation_name: "Acme",
      });
      const post = () => fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body });
      const answer = await post();
      expect(answer.status).toBe(201);
      const made: { key: string; organisation: { id: number } } = await answer.json();
      const headers = { Authorization: `Token ${made.key}` };
      const organisation = await fetch(`${server.url}/api/v1/organisations/${made.organisation.id}/`, { headers });
      expect(await organisation.json()).toMatchObject({ name: "Acme", role: "ADMIN" });
      expect((await post()).status).toBe(404);
      expect((await fetch(address)).status).toBe(404);
    } finally {
      await server.stop();
    }
  });
});
