/** The program as an operator meets it: import, demo, settings, shutdown, usage. Every start is the real one. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type CommandResult,
  everyRow,
  lookInto,
  runBurgee,
  startTestServer,
  type TestServer,
  wasOpened,
} from "../packages/server/src/testing/index.ts";
import { buildDocument, clientKey, type DocumentInput, serverKey } from "./builders.ts";
import { openStream } from "./event-stream.ts";
import { exchange, readResponse } from "./raw-http.ts";
import { eventually } from "./sdk/sample.ts";

let root: string;
let last = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "burgee-cli-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function freshFolder(): Promise<string> {
  last += 1;
  const folder = join(root, String(last));
  await mkdir(folder);
  return folder;
}

async function save(folder: string, name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const basic: DocumentInput = {
  features: [
    { name: "on", enabled: true, value: "x" },
    { name: "colour", enabled: true, value: "grey", variants: [{ key: "b", value: "blue", weight: 100 }] },
  ],
  segments: [{ name: "all", conditions: [], overrides: [{ feature: "on", enabled: true, value: "segment" }] }],
  identities: [{ identifier: "ann", overrides: [{ feature: "on", enabled: false, value: "hers" }] }],
};

function importFile(folder: string, path: string, ...options: string[]): Promise<CommandResult> {
  return runBurgee(folder, ["import", "environment-document", path, ...options]);
}

const flagStatus = async (server: TestServer, key: string) =>
  (await fetch(`${server.url}/api/v1/flags/`, { headers: { "X-Environment-Key": key } })).status;

describe("import environment-document", () => {
  test("says what it created and which keys serve it", async () => {
    const folder = await freshFolder();
    const path = await save(folder, "document.json", buildDocument(basic));
    const { code, stdout, stderr } = await importFile(folder, path, "--server-key", serverKey());
    expect([code, stdout.split("\n")[0]]).toEqual([
      0,
      'Imported environment "Environment 1" of project "Project 1" (Organisation 1):',
    ]);
    expect(stdout).toContain(clientKey());
    expect(stdout).toContain(serverKey());
    expect(stdout).toContain("2 features, 1 segments, 1 segment overrides");
    expect(stdout).toContain("1 identities with 1 overrides");
    expect(stderr).toContain("100 %");
  });

  test("makes up a server key where none is named, and the keys work", async () => {
    const folder = await freshFolder();
    const path = await save(folder, "document.json", buildDocument(basic));
    const made = /server-side key\s+(ser\.\S+)/.exec((await importFile(folder, path)).stdout)?.[1] ?? "";
    expect(made.length).toBeGreaterThan(16);
    const server = await startTestServer({ folder });
    expect([
      await flagStatus(server, clientKey()),
      await flagStatus(server, made),
      await flagStatus(server, "nobody"),
    ]).toEqual([200, 200, 403]);
    await server.stop();
  });

  test("a clash is refused by its place, and nothing is written", async () => {
    const folder = await freshFolder();
    const path = await save(folder, "document.json", buildDocument(basic));
    expect((await importFile(folder, path, "--server-key", serverKey())).code).toBe(0);
    const before = await everyRow(folder);
    const other = buildDocument({ ...basic, id: 2 });
    const clashes: [string, unknown, string, string][] = [
      ["the same again", buildDocument(basic), "ser.another-key", "id: environment 1 exists already"],
      [
        "a client key in use",
        { ...other, api_key: clientKey(1) },
        "ser.another-key",
        "api_key: environment 1 uses this key already",
      ],
      ["a server key in use", other, serverKey(1), "server key is in use"],
      [
        "an organisation of another name",
        { ...other, project: { ...other.project, organisation: { ...other.project.organisation, id: 1 } } },
        "ser.another-key",
        "project.organisation.id: organisation 1",
      ],
      [
        "a project of another name",
        { ...other, project: { ...other.project, id: 1 } },
        "ser.another-key",
        "project.id: project 1",
      ],
      [
        "a feature of another project",
        {
          ...other,
          feature_states: [{ ...other.feature_states[0], feature: { id: 1001, name: "on", type: "STANDARD" } }],
          project: { ...other.project, segments: [] },
          identity_overrides: [],
        },
        "ser.another-key",
        "feature_states[0].feature.id: feature 1001",
      ],
      [
        "a feature state in use",
        { ...other, feature_states: [{ ...other.feature_states[0], django_id: 1101 }, other.feature_states[1]] },
        "ser.another-key",
        "feature_states[0].django_id: feature state 1101",
      ],
      [
        "a segment of another project",
        { ...other, project: { ...other.project, segments: [{ ...other.project.segments[0], id: 1201 }] } },
        "ser.another-key",
        "project.segments[0].id: segment 1201",
      ],
      [
        "an identity in use",
        { ...other, identity_overrides: [{ ...other.identity_overrides[0], django_id: 1701 }] },
        "ser.another-key",
        "identity_overrides[0].django_id: identity 1701",
      ],
    ];
    for (const [what, document, key, message] of clashes) {
      const result = await importFile(folder, await save(folder, "clash.json", document), "--server-key", key);
      expect(`${what}: ${result.code}`).toBe(`${what}: 1`);
      expect(result.stderr).toContain("nothing was written");
      expect(result.stderr).toContain(message);
      expect(result.stderr).not.toMatch(/^\s+at /m);
      expect(result.stdout).toBe("");
      expect((await everyRow(folder)) === before, what).toBe(true);
    }
  }, 60_000);

  test("a broken file is refused by its place, all problems at once, and nothing is written", async () => {
    const folder = await freshFolder();
    expect((await importFile(folder, await save(folder, "good.json", buildDocument(basic)))).code).toBe(0);
    const before = await everyRow(folder);
    const good = buildDocument({ ...basic, id: 2 });
    const broken: [string, unknown, string[]][] = [
      ["not JSON", "{ not json", ["not JSON"]],
      ["empty", "", ["not JSON"]],
      ["a list", [], []],
      ["null", "null", []],
      ["parts missing", {}, ["api_key", "feature_states", "project", "id", "name"]],
      [
        "two places",
        {
          ...good,
          feature_states: [
            { ...good.feature_states[0], enabled: "yes" },
            { ...good.feature_states[1], feature: { id: "x", name: "colour" } },
          ],
        },
        ["feature_states[0].enabled", "feature_states[1].feature.id"],
      ],
      [
        "an operator that is none",
        {
          ...good,
          project: {
            ...good.project,
            segments: [
              {
                id: 1,
                name: "s",
                rules: [{ type: "ALL", rules: [], conditions: [{ property_: "a", operator: "LIKE", value: "b" }] }],
                feature_states: [],
              },
            ],
          },
        },
        ["project.segments[0].rules[0].conditions[0].operator"],
      ],
      [
        "names that differ only by case",
        buildDocument({ id: 2, features: [{ name: "Same" }, { name: "same" }] }),
        ["feature_states[1].feature.name"],
      ],
    ];
    for (const [what, document, places] of broken) {
      const result = await importFile(folder, await save(folder, "broken.json", document));
      expect(`${what}: ${result.code}`).toBe(`${what}: 1`);
      for (const place of places) expect(result.stderr).toContain(place);
      expect(result.stderr).not.toMatch(/^\s+at /m);
      expect((await everyRow(folder)) === before, what).toBe(true);
    }
    for (const path of [join(folder, "missing.json"), folder]) {
      const result = await importFile(folder, path);
      expect([result.code, result.stderr.includes(path)]).toEqual([1, true]);
    }
  }, 60_000);

  test("a server key that is none is refused", async () => {
    const folder = await freshFolder();
    const path = await save(folder, "document.json", buildDocument(basic));
    for (const key of ["abc", "ser.", `ser.${"k".repeat(100)}`, "ser.with space"]) {
      const result = await importFile(folder, path, "--server-key", key);
      expect([key, result.code]).toEqual([key, 1]);
      expect(result.stderr).toContain("--server-key");
    }
  }, 30_000);

  test("a server that runs serves what is imported, a second environment of its project too", async () => {
    const server = await startTestServer();
    expect(await flagStatus(server, clientKey())).toBe(403);
    const path = await save(server.folder, "document.json", buildDocument(basic));
    expect((await importFile(server.folder, path, "--server-key", serverKey())).code).toBe(0);
    expect(await eventually(async () => (await flagStatus(server, clientKey())) === 200)).toBe(true);
    expect(await flagStatus(server, serverKey())).toBe(200);
    const first = buildDocument(basic);
    const second = buildDocument({ ...basic, id: 2, name: "Staging" });
    const sibling = {
      ...second,
      feature_states: [{ ...second.feature_states[0], feature: first.feature_states[0]?.feature }],
      project: { ...first.project, segments: [] },
      identity_overrides: [],
    };
    const result = await importFile(
      server.folder,
      await save(server.folder, "second.json", sibling),
      "--server-key",
      serverKey(2),
    );
    expect([result.code, result.stderr.replace(/^Importing.*$/gm, "").trim()]).toEqual([0, ""]);
    expect(await eventually(async () => (await flagStatus(server, clientKey(2))) === 200)).toBe(true);
    expect(await flagStatus(server, clientKey(1))).toBe(200);
    await server.stop();
  }, 30_000);
});

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
    for (let i = 0; i < 10; i += 1) expect((await fetch(`${server.url}/health/liveness/`)).status).toBe(200);
    await server.stop();
  }, 30_000);
});

describe("SIGTERM", () => {
  async function servedDocument(): Promise<TestServer> {
    const folder = await freshFolder();
    const path = await save(folder, "document.json", buildDocument(basic));
    expect((await importFile(folder, path)).code).toBe(0);
    return startTestServer({ folder });
  }

  test("lets a running request finish, ends streams, takes no new connections, and exits with 0", async () => {
    const server = await servedDocument();
    const stream = await openStream(`${server.url}/sse/environments/${clientKey()}/stream`);
    await stream.until((text) => text.includes("environment_updated"));
    const body = JSON.stringify({ identifier: "slow", traits: [{ trait_key: "a", trait_value: 1 }] });
    const head = `POST /api/v1/identities/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Environment-Key: ${clientKey()}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    let exit: Promise<number | null> | undefined;
    let refused: Promise<boolean> | undefined;
    const ends: string[] = [];
    void stream.ended.then(() => ends.push("stream"));
    const slow = exchange(server.port, (socket) => {
      socket.write(head + body.slice(0, 10));
      setTimeout(() => {
        exit = server.stop();
      }, 300);
      setTimeout(() => {
        refused = new Promise((resolve) => {
          const late = connect({ port: server.port, host: "127.0.0.1" });
          late.on("error", () => resolve(true));
          late.on("connect", () => resolve(false));
        });
      }, 900);
      setTimeout(() => socket.write(body.slice(10)), 1300);
    });
    const { bytes, isLate } = await slow;
    ends.push("request");
    expect(isLate).toBe(false);
    const response = readResponse(bytes);
    expect([response?.status, JSON.parse(response?.text ?? "{}").identifier]).toEqual([200, "slow"]);
    // At once, and not by being cut with whatever is left.
    expect(ends).toEqual(["stream", "request"]);
    expect(await refused).toBe(true);
    expect(await exit).toBe(0);
    expect(server.output()).toContain("stopped");
    const stored = await lookInto(server.folder, ({ kysely }) =>
      kysely.selectFrom("identities").select("traits").where("identifier", "=", "slow").executeTakeFirst(),
    );
    expect(JSON.parse(stored?.traits ?? "null")).toEqual({ a: 1 });
  }, 30_000);

  test("right after the start ends it as well as later, and its last words are heard", async () => {
    // Handlers were once set after the server was announced, and the log's last lines were lost at exit.
    for (let i = 0; i < 6; i += 1) {
      const server = await startTestServer({ folder: await freshFolder(), args: i % 2 === 0 ? ["--demo"] : [] });
      expect(await server.stop()).toBe(0);
      expect(server.output()).toContain('"stopped"');
    }
  }, 30_000);

  test("does not wait for ever for a request that never ends", async () => {
    const folder = await freshFolder();
    const server = await startTestServer({ folder, env: { BURGEE_DRAIN_MS: "500" } });
    const socket = connect({ port: server.port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    socket.write(
      `POST /api/v1/identities/ HTTP/1.1\r\nHost: x\r\nX-Environment-Key: ${clientKey()}\r\nContent-Length: 1000\r\n\r\n{`,
    );
    await Bun.sleep(200);
    const started = Date.now();
    expect(await server.stop()).toBe(0);
    expect(Date.now() - started).toBeLessThan(5000);
    socket.destroy();
  }, 30_000);

  test("writes the usage that was only in memory", async () => {
    const server = await servedDocument();
    for (let i = 0; i < 7; i += 1) await flagStatus(server, clientKey());
    expect(await server.stop()).toBe(0);
    const used = await lookInto(server.folder, ({ kysely }) =>
      kysely.selectFrom("request_usage").select("count").where("resource", "=", "flags").execute(),
    );
    expect(used.reduce((sum, { count }) => sum + count, 0)).toBe(7);
  }, 30_000);
});

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
