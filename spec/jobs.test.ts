/** Jobs in real processes: an import whose server is killed goes on where it was, and the command does the same work. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createAdminClient,
  lookInto,
  removeFolder,
  runBurgee,
  startTestServer,
  type TestServer,
} from "../packages/server/src/testing/index.ts";
import { buildDocument, clientKey } from "./builders.ts";

setDefaultTimeout(120_000);

let folder: string;
let key: string;
const count = 60_000;
const batch = { identifier: (n: number) => `user ${n}`, traits: (n: number) => ({ n, text: "x".repeat(n % 40) }) };

interface Job {
  readonly id: string;
  readonly status: string;
  readonly finished_date: string | null;
  readonly progress: { readonly done: number; readonly changed: number; readonly failed: number };
  readonly result: Readonly<Record<string, number>> | null;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "burgee-jobs-"));
  const document = join(folder, "document.json");
  await writeFile(document, JSON.stringify(buildDocument({ features: [{ name: "on", enabled: true, value: "x" }] })));
  expect((await runBurgee(folder, ["import", "environment-document", document])).code).toBe(0);
  key = await lookInto(folder, async (db) => {
    const { id } = await db.kysely.selectFrom("organisations").select("id").executeTakeFirstOrThrow();
    return (await createAdminClient(db, () => Promise.reject(new Error("only the key is wanted")), id)).key;
  });
});
afterAll(() => removeFolder(folder));

const ask = async (server: TestServer, method: string, path: string, body?: string): Promise<Job> => {
  const answer = await fetch(`${server.url}/api/v1/environments/${clientKey()}${path}`, {
    method,
    headers: { Authorization: `Api-Key ${key}` },
    ...(body === undefined ? {} : { body }),
  });
  expect(answer.ok).toBe(true);
  return (await answer.json()) as Job;
};

async function until(server: TestServer, id: string, isReached: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await ask(server, "GET", `/jobs/${id}/`);
    if (isReached(job) || job.finished_date !== null) return job;
    await Bun.sleep(5);
  }
}

const stored = () =>
  lookInto(folder, async ({ kysely }) => {
    const rows = await kysely.selectFrom("identities").select(["identifier", "traits"]).execute();
    return new Map(rows.map((row) => [row.identifier, row.traits]));
  });

test("an import outlives kill -9 of its server, twice, and counts each row once", async () => {
  const rows = Array.from({ length: count }, (_, n) => ({ identifier: batch.identifier(n), traits: batch.traits(n) }));
  let server = await startTestServer({ folder });
  const sent = await ask(
    server,
    "POST",
    "/identity-imports/?format=ndjson",
    rows.map((row) => JSON.stringify(row)).join("\n"),
  );
  let reached = 0;
  for (const share of [0.1, 0.5]) {
    const job = await until(server, sent.id, ({ progress }) => progress.done > count * share);
    expect(job.progress.done).toBeGreaterThan(reached);
    reached = job.progress.done;
    await server.kill();
    server = await startTestServer({ folder });
    const after = await ask(server, "GET", `/jobs/${sent.id}/`);
    expect(after.progress.done).toBeGreaterThanOrEqual(reached);
  }
  const done = await until(server, sent.id, () => false);
  expect(done).toMatchObject({
    status: "done",
    progress: { done: count, changed: count, failed: 0 },
    result: { created: count, changed: 0, unchanged: 0 },
  });
  await server.stop();
  const there = await stored();
  expect(there.size).toBe(count);
  for (const n of [0, 1, 29_999, count - 1]) {
    expect(JSON.parse(there.get(batch.identifier(n)) ?? "null")).toEqual(batch.traits(n));
  }
});

test("a server that is told to stop gives its job back at once, and the next one goes on", async () => {
  let server = await startTestServer({ folder });
  const body = JSON.stringify({ type: "set_traits", traits: { again: true }, identities: { all: true } });
  const sent = await ask(server, "POST", "/jobs/", body);
  await until(server, sent.id, ({ progress }) => progress.done > 0);
  expect(await server.stop()).toBe(0);
  const row = await lookInto(folder, ({ kysely }) =>
    kysely.selectFrom("jobs").selectAll().where("uuid", "=", sent.id).executeTakeFirstOrThrow(),
  );
  expect(row.lease_owner).toBeNull();
  server = await startTestServer({ folder });
  const done = await until(server, sent.id, () => false);
  expect(done).toMatchObject({ status: "done", progress: { done: count, changed: count } });
  await server.stop();
});

test("burgee import identities does the same work, tries it out, and tells what cannot be read", async () => {
  const file = join(folder, "people.csv");
  await writeFile(file, "identifier,plan,age:integer\nuser 1,pro,5\nnew one,free,6\nbad,free,x\n");
  const command = ["import", "identities", file, "--environment", clientKey()];
  const tried = await runBurgee(folder, [...command, "--dry-run"]);
  expect(tried).toMatchObject({
    code: 1,
    stdout: "2 identities: 1 would be created, 1 changed, 0 stay as they are.\n",
  });
  expect((await stored()).has("new one")).toBe(false);
  const done = await runBurgee(folder, command);
  expect(done).toMatchObject({ code: 1, stdout: "1 identity created, 1 changed; 1 could not be read.\n" });
  expect(done.stderr).toContain('line 4, bad: trait age: "x" is not a whole number');
  expect(JSON.parse((await stored()).get("new one") ?? "null")).toEqual({ plan: "free", age: 6 });
  const nowhere = await runBurgee(folder, ["import", "identities", file, "--environment", "nobody's"]);
  expect(nowhere.code).toBe(1);
  expect(nowhere.stderr).toContain("There is no environment");
  expect((await runBurgee(folder, ["import", "identities", file])).code).toBe(2);
});
