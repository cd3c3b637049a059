/** The program as an operator meets it: demo, settings, commands. Every start is the real one. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  databaseOf,
  lookInto,
  runBurgee,
  startTestServer,
  type TestServer,
  wasOpened,
} from "../packages/server/src/testing/index.ts";
import { buildDocument, clientKey } from "./builders.ts";
import { basic, createFolders, type Folders, importFile, save } from "./cli-folders.ts";
import { eventually } from "./sdk/sample.ts";

let folders: Folders;
beforeAll(async () => {
  folders = await createFolders();
});
afterAll(() => folders.remove());

const freshFolder = () => folders.fresh();

const flagStatus = async (server: TestServer, key: string) =>
  (await fetch(`${server.url}/api/v1/flags/`, { headers: { "X-Environment-Key": key } })).status;

describe("serve --demo", () => {
  test("prints its keys and how to try it, shows every concept, and starts again on the same folder", async () => {
    const folder = await freshFolder();
    for (const start of ["first", "second"]) {
      const server = await startTestServer({ folder, args: ["--demo"] });
      expect(await eventually(() => server.output().includes("Try it"))).toBe(true);
      const client = /client-side key\s+(\S+)/.exec(server.output())?.[1] ?? "";
      const secret = /server-side key\s+(ser\.\S+)/.exec(server.output())?.[1] ?? "";
      expect([start, await flagStatus(server, client), await flagStatus(server, secret)]).toEqual([start, 200, 200]);
      const identified = await fetch(`${server.url}/api/v1/identities/?identifier=ana@example.com`, {
        headers: { "X-Environment-Key": client },
      });
      const { traits, flags } = (await identified.json()) as {
        traits: unknown[];
        flags: { feature: { type: string }; feature_segment: number | null; variant: string | null }[];
      };
      expect(traits.length).toBeGreaterThan(0);
      expect(flags.some((flag) => flag.feature.type === "MULTIVARIATE" && flag.variant !== null)).toBe(true);
      expect(flags.some((flag) => flag.feature_segment !== null)).toBe(true);
      const document = await fetch(`${server.url}/api/v1/environment-document/`, {
        headers: { "X-Environment-Key": secret },
      });
      expect(((await document.json()) as { identity_overrides: unknown[] }).identity_overrides.length).toBeGreaterThan(
        0,
      );
      expect(await server.stop()).toBe(0);
    }
  }, 30_000);
});

describe("settings", () => {
  test("a wrong one is one clear line, and nothing is opened", async () => {
    const wrong: Readonly<Record<string, string>> = {
      BURGEE_PORT: "eighty",
      BURGEE_HOST: "http://localhost",
      BURGEE_DATABASE_URL: "mysql://user:secret@host/db",
      BURGEE_LOG_LEVEL: "loud",
      BURGEE_PUBLIC_URL: "not an address",
      BURGEE_BODY_LIMIT: "-1",
      BURGEE_STREAM_SECONDS: "0",
    };
    for (const [name, value] of Object.entries(wrong)) {
      const folder = await freshFolder();
      const { code, stdout, stderr } = await runBurgee(folder, ["serve"], { [name]: value });
      expect([name, code, stdout]).toEqual([name, 1, ""]);
      expect(stderr.trimEnd().split("\n").length).toBe(1);
      expect(stderr).toContain(name);
      expect(stderr).not.toContain("secret");
      expect(await wasOpened(folder)).toBe(false);
    }
  }, 30_000);

  test("a database that cannot be opened is one clear line", async () => {
    const folder = await freshFolder();
    const file = await save(folder, "file", "not a folder");
    const { code, stderr } = await runBurgee(folder, ["serve"], {
      BURGEE_DATABASE_URL: `sqlite:${file}/burgee.db`,
      BURGEE_PORT: "0",
    });
    expect(code).toBe(1);
    expect(stderr.trimEnd().split("\n").length).toBe(1);
    const garbage = await save(
      folder,
      "garbage.db",
      "this is no database, it is a text that is long enough to be read as one".repeat(100),
    );
    const second = await runBurgee(folder, ["serve"], { BURGEE_DATABASE_URL: `sqlite:${garbage}`, BURGEE_PORT: "0" });
    expect(second.code).toBe(1);
    expect(second.stderr.trimEnd().split("\n").length).toBe(1);
  }, 30_000);

  test("a port in use is one clear line, and the first server serves on", async () => {
    const server = await startTestServer();
    const folder = await freshFolder();
    const { code, stderr } = await runBurgee(folder, ["serve"], { BURGEE_PORT: String(server.port) });
    expect(code).toBe(1);
    expect(stderr).toContain("port");
    expect(stderr.trimEnd().split("\n").length).toBe(1);
    // An address kept for documentation, which no machine has.
    const elsewhere = await runBurgee(folder, ["serve"], { BURGEE_PORT: "0", BURGEE_HOST: "192.0.2.1" });
    expect([elsewhere.code, elsewhere.stderr]).toEqual([
      1,
      'BURGEE_HOST: "192.0.2.1" is not an address of this machine.\n',
    ]);
    for (let i = 0; i < 10; i += 1) expect((await fetch(`${server.url}/health/liveness/`)).status).toBe(200);
    await server.stop();
  }, 30_000);
});

describe("export and import of an installation", () => {
  test("killed half way nothing is there, again it is whole, twice it is refused, and it serves", async () => {
    const source = await freshFolder();
    expect((await importFile(source, await save(source, "document.json", buildDocument(basic)))).code).toBe(0);
    const people = Array.from(
      { length: 20_000 },
      (_, n) => `{"identifier":"user-${n}","traits":{"n":${n},"plan":"pro"}}`,
    );
    const list = await save(source, "people.jsonl", people.join("\n"));
    expect((await runBurgee(source, ["import", "identities", list, "--environment", clientKey()])).code).toBe(0);
    const file = join(source, "all.burgee");
    expect(await runBurgee(source, ["export", file])).toMatchObject({ code: 0 });

    const target = await freshFolder();
    await save(target, "all.burgee", "not an installation");
    const wrong = await runBurgee(target, ["import", join(target, "all.burgee")]);
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringContaining("this is no burgee-installation-1 file")]);
    await killedImport(target, file);
    const organisations = () =>
      lookInto(target, ({ kysely }) => kysely.selectFrom("organisations").select("id").execute());
    expect(await organisations()).toEqual([]);
    const done = await runBurgee(target, ["import", file]);
    expect([done.code, done.stdout]).toEqual([0, expect.stringContaining("every table's count and checksum agrees")]);
    const again = await runBurgee(target, ["import", file]);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("the database is not empty")]);
    const server = await startTestServer({ folder: target });
    expect(await flagStatus(server, clientKey())).toBe(200);
    expect(await server.stop()).toBe(0);
  }, 120_000);

  test("an empty database is not exported, and a place that cannot be written to is one line", async () => {
    const folder = await freshFolder();
    const nothing = await runBurgee(folder, ["export", join(folder, "x.burgee")]);
    expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining("the database is empty")]);
    expect((await importFile(folder, await save(folder, "document.json", buildDocument(basic)))).code).toBe(0);
    const nowhere = await runBurgee(folder, ["export", join(folder, "missing", "x.burgee")]);
    expect([
      nowhere.code,
      nowhere.stderr
        .replace(/^Exporting.*\n/gm, "")
        .trimEnd()
        .split("\n").length,
    ]).toEqual([1, 1]);
    expect((await readdir(folder)).filter((name) => name.includes("x.burgee"))).toEqual([]);
  }, 60_000);
});

/** kill -9 once rows are being written. */
async function killedImport(folder: string, file: string): Promise<void> {
  const env = { ...process.env, BURGEE_DATA: folder, BURGEE_DATABASE_URL: (await databaseOf(folder)).url };
  const main = join(import.meta.dir, "../packages/server/src/main.ts");
  const child = Bun.spawn([process.execPath, main, "import", file], { env, stdout: "ignore", stderr: "pipe" });
  for await (const chunk of child.stderr) if (new TextDecoder().decode(chunk).includes("Importing")) break;
  child.kill("SIGKILL");
  expect(await child.exited).not.toBe(0);
}

describe("the command line", () => {
  test("usage shows reported evaluations per feature and day", async () => {
    const folder = await freshFolder();
    expect((await importFile(folder, await save(folder, "document.json", buildDocument(basic)))).code).toBe(0);
    const none = await runBurgee(folder, ["usage", clientKey()]);
    expect([none.code, none.stdout]).toEqual([
      0,
      "No SDK reported an evaluation in Environment 1 in the last 30 days.\n",
    ]);
    const server = await startTestServer({ folder });
    for (const counts of [
      { on: 3, colour: 1 },
      { on: 4, nothing: 9 },
    ]) {
      const headers = { "X-Environment-Key": clientKey(), "Content-Type": "application/json" };
      const response = await fetch(`${server.url}/api/v1/analytics/flags/`, {
        method: "POST",
        headers,
        body: JSON.stringify(counts),
      });
      expect(response.status).toBe(200);
    }
    const today = new Date().toISOString().slice(0, 10);
    const all = await runBurgee(folder, ["usage", clientKey()]);
    expect(all.stdout.split("\n").slice(1)).toEqual([`${today}  colour   1`, `${today}  on       7`, ""]);
    const one = await runBurgee(folder, ["usage", clientKey(), "--feature", "colour", "--days", "1"]);
    expect(one.stdout.split("\n").length).toBe(3);
    const unknown = await runBurgee(folder, ["usage", "nobody"]);
    expect([unknown.code, unknown.stderr]).toEqual([1, 'No environment has the client-side key "nobody".\n']);
    await server.stop();
  }, 30_000);

  test("what it does not understand is one line and code 2, and nothing is opened", async () => {
    const folder = await freshFolder();
    for (const args of [
      ["frobnicate"],
      ["serve", "--colour"],
      ["import", "environment-document"],
      ["usage"],
      ["usage", "k", "--days", "0"],
      ["serve", "--server-key", "ser.x"],
    ]) {
      const { code, stderr } = await runBurgee(folder, args);
      expect([args.join(" "), code]).toEqual([args.join(" "), 2]);
      expect(stderr.trimEnd().split("\n").length).toBe(1);
    }
    expect(await wasOpened(folder)).toBe(false);
  }, 30_000);

  test("help and version need no database", async () => {
    const folder = await freshFolder();
    for (const args of [["help"], ["--help"], ["import", "-h"]]) {
      const { code, stdout } = await runBurgee(folder, args);
      expect([code, stdout.includes("burgee import environment-document FILE")]).toEqual([0, true]);
    }
    expect((await runBurgee(folder, ["version"])).stdout).toMatch(/^burgee \d+\.\d+\.\d+\n$/);
    expect(await wasOpened(folder)).toBe(false);
  }, 30_000);
});
