/**
 * The end of an identity's override, as the world outside sees it: by a stock SDK that evaluates by itself, over a server that was
 * killed in between, and by several nodes on one database. Nobody writes anything when it comes.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Flagsmith } from "flagsmith-nodejs";
import {
  createAdminClient,
  createEmptyDatabase,
  databaseName,
  lookInto,
  removeFolder,
  runBurgee,
  startTestServer,
  type TestServer,
} from "../packages/server/src/testing/index.ts";
import { buildDocument, clientKey, serverKey } from "./builders.ts";
import { prepare, startNode } from "./postgres-nodes.ts";
import { eventually } from "./sdk/sample.ts";

const LATE_MS = 15_000;

interface Told {
  readonly updatedAt: string;
  readonly overridden: readonly string[];
}

async function documentOf(server: TestServer): Promise<Told> {
  const headers = { "X-Environment-Key": serverKey() };
  const answer = await fetch(`${server.url}/api/v1/environment-document/`, { headers });
  const body = (await answer.json()) as { updated_at: string; identity_overrides: { identifier: string }[] };
  return { updatedAt: body.updated_at, overridden: body.identity_overrides.map(({ identifier }) => identifier) };
}

const putOverride = async (server: TestServer, adminKey: string, identifier: string, endsInMs: number) => {
  const path = `/api/v1/environments/${clientKey()}/identities/by-identifier/${identifier}/overrides/off/`;
  const answer = await fetch(server.url + path, {
    method: "PUT",
    headers: { Authorization: `Api-Key ${adminKey}`, "Content-Type": "application/json" },
    body: JSON.stringify({ enabled: true, expires_at: new Date(Date.now() + endsInMs).toISOString() }),
  });
  expect(answer.status).toBe(201);
};

interface Announcement {
  readonly log: string;
  readonly created_date: string;
}

/** What the audit log says was announced, the newest first. */
async function announced(server: TestServer, adminKey: string): Promise<Announcement[]> {
  const path = "/api/v1/audit/?is_system_event=true&page_size=50";
  const answer = await fetch(server.url + path, { headers: { Authorization: `Api-Key ${adminKey}` } });
  const { results } = (await answer.json()) as { results: (Announcement & { actor: string })[] };
  return results.filter((entry) => entry.actor === "expiry");
}

describe("one server", () => {
  let folder = "";
  let server: TestServer;
  let adminKey = "";

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "burgee-ends-"));
    const file = join(folder, "document.json");
    const features = [{ name: "on", enabled: true }, { name: "off" }];
    await writeFile(file, JSON.stringify(buildDocument({ features })));
    const made = await runBurgee(folder, ["import", "environment-document", file, "--server-key", serverKey()]);
    expect(made.code).toBe(0);
    adminKey = (await lookInto(folder, (db) => createAdminClient(db, fetch, 1))).key;
    server = await startTestServer({ folder });
  }, 60_000);
  afterAll(async () => {
    await server.stop();
    await removeFolder(folder);
  });

  test("a stock SDK that evaluates by itself has the override, and then has it no more", async () => {
    await putOverride(server, adminKey, "sdk-user", 6000);
    const client = new Flagsmith({
      environmentKey: serverKey(),
      apiUrl: `${server.url}/api/v1/`,
      enableLocalEvaluation: true,
      environmentRefreshIntervalSeconds: 1,
    });
    try {
      const isOn = async () => (await client.getIdentityFlags("sdk-user")).isFeatureEnabled("off");
      expect(await isOn()).toBe(true);
      expect(await eventually(async () => !(await isOn()), LATE_MS)).toBe(true);
    } finally {
      await client.close();
    }
  }, 60_000);

  test("one that ends while the server is down is announced when it is up again, once", async () => {
    await putOverride(server, adminKey, "restarted", 4000);
    const before = await documentOf(server);
    expect(before.overridden).toContain("restarted");
    await server.kill();
    await Bun.sleep(4000);
    server = await startTestServer({ folder });
    expect((await documentOf(server)).overridden).not.toContain("restarted");
    expect(await eventually(async () => (await documentOf(server)).updatedAt > before.updatedAt, LATE_MS)).toBe(true);
    const { updatedAt } = await documentOf(server);
    await server.kill();
    server = await startTestServer({ folder });
    await Bun.sleep(500);
    expect((await documentOf(server)).updatedAt).toBe(updatedAt);
    const about = (await announced(server, adminKey)).filter(({ log }) => log.endsWith("identity restarted"));
    expect(about).toHaveLength(1);
  }, 90_000);
});

const suite = databaseName === "postgres" ? describe : describe.skip;

suite(`three nodes${databaseName === "postgres" ? "" : " (one process owns a SQLite file)"}`, () => {
  test("announce each end once, and all serve what follows from it", async () => {
    const database = await createEmptyDatabase();
    const adminKey = await prepare(database.url);
    const nodes = await Promise.all([1, 2, 3].map(() => startNode(database.url)));
    const [first] = nodes as [TestServer];
    try {
      const names = Array.from({ length: 12 }, (_, i) => `user-${i}`);
      const ends = new Map<string, number>();
      for (const [i, name] of names.entries()) {
        ends.set(name, Date.now() + 6000 - i * 100);
        await putOverride(nodes[i % 3] as TestServer, adminKey, name, 6000 - i * 100);
      }
      const told = await Promise.all(nodes.map(documentOf));
      // On a busy machine the first may have ended by now.
      const current = names.filter((name) => (ends.get(name) ?? 0) > Date.now());
      for (const { overridden } of told) expect(overridden).toEqual(expect.arrayContaining(current));
      const areAnnounced = async () => (await announced(first, adminKey)).length >= names.length;
      expect(await eventually(areAnnounced, LATE_MS)).toBe(true);
      await Bun.sleep(300);
      const logs = (await announced(first, adminKey)).map(({ log }) => log).sort();
      expect(logs).toEqual(names.map((name) => `Override of off expired for identity ${name}`).sort());
      const after = await Promise.all(nodes.map(documentOf));
      expect(after.map(({ overridden }) => overridden)).toEqual([[], [], []]);
      // The same revision everywhere, and a later one.
      expect(new Set(after.map(({ updatedAt }) => updatedAt)).size).toBe(1);
      expect(current.length === 0 || (after[0]?.updatedAt ?? "") > (told[0]?.updatedAt ?? "")).toBe(true);
    } finally {
      await Promise.all(nodes.map((node) => node.stop()));
      await database.remove();
    }
  }, 120_000);
});
