/** A million identities from lines of JSON: sent to the server, kept, read and written, until the job says that it is done. */
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../packages/server/src/db/open-database.ts";
import { createAdminClient } from "../packages/server/src/testing/index.ts";
import { clientKey } from "./documents.ts";
import { openFixture, SEED } from "./fixture.ts";
import { identityAt } from "./identity-generator.ts";
import { startPostgresFixture } from "./postgres-fixture.ts";
import { type BenchServer, residentMegabytes, startScript } from "./processes.ts";
import { type BenchOptions, type BenchRow, figure } from "./row.ts";

export const name = "import";

/** An organisation key that may do everything where the benchmark's environment is. */
export async function createKey(url: string): Promise<string> {
  const db = await openDatabase(url);
  try {
    const place = await db.kysely
      .selectFrom("environments")
      .innerJoin("projects", "projects.id", "environments.project_id")
      .select("projects.organisation_id")
      .executeTakeFirstOrThrow();
    const nobody = () => Promise.reject(new Error("only the key is wanted"));
    return (await createAdminClient(db, nobody, place.organisation_id)).key;
  } finally {
    await db.close();
  }
}

export async function writeFile(path: string, count: number, first = 0): Promise<number> {
  const out = createWriteStream(path);
  let bytes = 0;
  for (let start = 0; start < count; start += 1000) {
    const rows = Array.from({ length: Math.min(1000, count - start) }, (_, i) => identityAt(SEED, first + start + i));
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    bytes += text.length;
    if (!out.write(text)) await new Promise((resolve) => out.once("drain", resolve));
  }
  await new Promise((resolve) => out.end(resolve));
  return bytes;
}

interface Job {
  readonly id: string;
  readonly status: string;
  readonly summary: string;
  readonly started_date: string;
  readonly finished_date: string | null;
  readonly progress: { readonly done: number; readonly failed: number };
}

export interface Client {
  readonly server: BenchServer;
  readonly key: string;
  /** Of the environment. */
  readonly environment: string;
}

async function ask(client: Client, method: string, path: string, body?: Blob | string): Promise<Job> {
  const answer = await fetch(`${client.server.url}/api/v1/environments/${client.environment}${path}`, {
    method,
    headers: { Authorization: `Api-Key ${client.key}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text) as Job;
}

export const sendFile = (client: Client, path: string): Promise<Job> =>
  ask(client, "POST", "/identity-imports/?format=ndjson", Bun.file(path));

export const startJob = (client: Client, body: object): Promise<Job> =>
  ask(client, "POST", "/jobs/", JSON.stringify(body));

export const readJob = (client: Client, id: string): Promise<Job> => ask(client, "GET", `/jobs/${id}/`);

export async function whenOver(client: Client, { id }: { readonly id: string }): Promise<Job> {
  for (;;) {
    const job = await readJob(client, id);
    if (job.finished_date !== null) {
      if (job.status !== "done") throw new Error(`the job ended as ${job.status}: ${job.summary}`);
      return job;
    }
    await Bun.sleep(100);
  }
}

async function measure(client: Client, file: string, count: number) {
  const started = performance.now();
  const sent = await sendFile(client, file);
  const keptMs = performance.now() - started;
  const job = await whenOver(client, sent);
  const tookMs = performance.now() - started;
  if (job.progress.done !== count || job.progress.failed > 0) throw new Error(`not all were imported: ${job.summary}`);
  const ranMs = Date.parse(job.finished_date ?? "") - Date.parse(job.started_date);
  return { rate: count / (tookMs / 1000), keptMs, ranMs, peak: residentMegabytes(client.server.pid).peak };
}

async function rowFor(store: string, url: string, file: string, count: number): Promise<BenchRow> {
  const key = await createKey(url);
  const server = await startScript("server.ts", [url]);
  try {
    const client = { server, key, environment: clientKey("small") };
    const { rate, keptMs, ranMs, peak } = await measure(client, file, count);
    const again = await measure(client, file, count);
    return {
      what: `import of ${count.toLocaleString("en-US")} identities with 5 traits from NDJSON, ${store}`,
      value: rate,
      unit: "/s",
      must: 10_000,
      aim: 40_000,
      better: "higher",
      note: `${figure(keptMs / 1000)} s until it was kept, ${figure(ranMs / 1000)} s to write; the same file again, nothing to change: ${figure(again.rate)}/s; at most ${figure(peak)} MB`,
    };
  } finally {
    await server.stop();
  }
}

export async function run({ quick, progress }: BenchOptions): Promise<BenchRow[]> {
  const count = quick ? 20_000 : 1_000_000;
  const fixture = await openFixture({ document: "small", identities: 0 }, progress);
  const postgres = await startPostgresFixture();
  try {
    const file = join(fixture.folder, "identities.ndjson");
    const bytes = await writeFile(file, count);
    progress(`a file of ${figure(bytes / 1e6)} MB`);
    const sqlite = await rowFor("SQLite", `sqlite:${fixture.folder}/burgee.db`, file, count);
    progress(`SQLite ${figure(sqlite.value)}/s`);
    const url = await postgres.createDatabase("small", 0);
    return [sqlite, await rowFor("PostgreSQL", url, file, count)];
  } finally {
    fixture.remove();
    await postgres.remove();
  }
}
