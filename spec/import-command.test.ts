/** Importing an environment document, as an operator does it. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { everyRow, startTestServer, type TestServer } from "../packages/server/src/testing/index.ts";
import { buildDocument, clientKey, serverKey } from "./builders.ts";
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
      ["not JSON", "{ not json", ["not JSON", "line 1 column 3"]],
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
