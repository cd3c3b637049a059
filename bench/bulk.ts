/** How much slower GET flags gets at a constant rate while a bulk import, a delete by query and a segment count run. */
import { join } from "node:path";
import { clientKey } from "./documents.ts";
import { type Fixture, openFixture } from "./fixture.ts";
import { type Client, createKey, readJob, sendFile, startJob, writeFile } from "./import.ts";
import { READ_CONNECTIONS, READS, runFlows } from "./mixed.ts";
import type { FlowReport } from "./open-loop.ts";
import { startPostgresFixture } from "./postgres-fixture.ts";
import { startScript } from "./processes.ts";
import { type BenchOptions, type BenchRow, figure, median } from "./row.ts";

export const name = "bulk";

const RULES = [
  {
    type: "ALL",
    rules: [],
    conditions: [
      { property: "plan", operator: "EQUAL", value: "pro" },
      { property: "age", operator: "GREATER_THAN", value: "20" },
      { property: "age", operator: "LESS_THAN", value: "60" },
      { property: "country", operator: "IN", value: "DE,FR,US" },
      { property: "email", operator: "CONTAINS", value: "corp" },
    ],
  },
];

interface Round {
  readonly quiet: FlowReport;
  readonly busy: FlowReport;
  /** Rows a second of the jobs together. */
  readonly rate: number;
  readonly left: number;
}

interface Place {
  readonly folder: string;
  readonly client: Client;
  readonly identities: number;
  readonly seconds: number;
}

/** The three at once; each long enough to last. */
async function startJobs({ folder, client, identities }: Place, round: number): Promise<string[]> {
  const file = join(folder, `round-${round}.ndjson`);
  await writeFile(file, identities, round * 10_000_000);
  const gone = { type: "delete_identities", identities: { query: `identifier:user-${round}*` } };
  return [
    (await sendFile(client, file)).id,
    (await startJob(client, gone)).id,
    (await startJob(client, { type: "count_segment", rules: RULES })).id,
  ];
}

async function measure(place: Place, round: number): Promise<Round> {
  const { folder, client, seconds } = place;
  const headers = { "X-Environment-Key": client.environment };
  const reads = { name: "GET flags", rate: READS, path: "/api/v1/flags/", headers, connections: READ_CONNECTIONS };
  const request = { port: client.server.port, seconds, warmUpSeconds: 1, flows: [reads] };
  const [quiet] = await runFlows(folder, request);
  const jobs = await startJobs(place, round);
  const before = await Promise.all(jobs.map((id) => readJob(client, id)));
  const started = performance.now();
  const [busy] = await runFlows(folder, request);
  const after = await Promise.all(jobs.map((id) => readJob(client, id)));
  const tookS = (performance.now() - started) / 1000;
  const done = after.reduce((sum, job, i) => sum + job.progress.done - (before[i]?.progress.done ?? 0), 0);
  const left = after.filter((job) => job.finished_date === null).length;
  for (const id of jobs)
    await fetch(`${client.server.url}/api/v1/environments/${client.environment}/jobs/${id}/cancel/`, {
      method: "POST",
      headers: { Authorization: `Api-Key ${client.key}` },
    });
  for (const id of jobs) while ((await readJob(client, id)).finished_date === null) await Bun.sleep(50);
  if (!quiet || !busy) throw new Error("the constant-rate generator said too little");
  return { quiet, busy, rate: done / tookS, left };
}

async function rowFor(
  store: string,
  url: string,
  {
    folder,
    identities,
    seconds,
    rounds,
    progress,
  }: Omit<Place, "client"> & { rounds: number } & Pick<BenchOptions, "progress">,
): Promise<BenchRow> {
  const key = await createKey(url);
  const server = await startScript("server.ts", [url]);
  try {
    const client = { server, key, environment: clientKey("medium") };
    const measured: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const one = await measure({ folder, client, identities, seconds }, round);
      measured.push(one);
      progress(
        `${store} ${round}: p99 ${figure(one.quiet.p99Ms)} ms quiet, ${figure(one.busy.p99Ms)} ms busy; ${figure(one.rate)} rows/s, ${one.left} of 3 still running`,
      );
    }
    const of = (pick: (round: Round) => number) => median(measured.map(pick));
    return {
      what: `p99 of GET flags at ${READS.toLocaleString("en-US")}/s while an import, a delete by query and a segment count run on ${identities.toLocaleString("en-US")} identities, against quiet, ${store}`,
      value: of(({ busy, quiet }) => busy.p99Ms / quiet.p99Ms),
      unit: "x",
      must: 4,
      aim: 2,
      better: "lower",
      note: `p99 ${figure(of((r) => r.quiet.p99Ms))} ms quiet, ${figure(of((r) => r.busy.p99Ms))} ms busy; p50 ${figure(of((r) => r.quiet.p50Ms))} and ${figure(of((r) => r.busy.p50Ms))} ms; the jobs did ${figure(of((r) => r.rate))} rows/s meanwhile`,
    };
  } finally {
    await server.stop();
  }
}

export async function run({ quick, progress }: BenchOptions): Promise<BenchRow[]> {
  const identities = quick ? 20_000 : 1_000_000;
  const fixture: Fixture = await openFixture({ document: "medium", identities }, progress);
  const postgres = await startPostgresFixture();
  try {
    const shared = { folder: fixture.folder, identities, seconds: quick ? 2 : 8, rounds: quick ? 1 : 3, progress };
    const sqlite = await rowFor("SQLite", `sqlite:${fixture.folder}/burgee.db`, shared);
    const url = await postgres.createDatabase("medium", identities);
    return [sqlite, await rowFor("PostgreSQL", url, shared)];
  } finally {
    fixture.remove();
    await postgres.remove();
  }
}
