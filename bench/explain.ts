/** The admin side's "why": all 100 flags and 100 segments of one identity among a million explained, on both stores. */

import { openDatabase } from "../packages/server/src/db/open-database.ts";
import { createAdminClient } from "../packages/server/src/testing/index.ts";
import { clientKey, environmentId } from "./documents.ts";
import { openFixture, SEED } from "./fixture.ts";
import { identityAt, shuffledIndexes } from "./identity-generator.ts";
import { startPostgresFixture } from "./postgres-fixture.ts";
import { startScript } from "./processes.ts";
import { type BenchOptions, type BenchRow, figure, percentile } from "./row.ts";

export const name = "explain";

const DOCUMENT = "medium";
/** Every so many-th of those asked about has an override, with its author to look up. */
const OVERRIDDEN_OF = 4;

/** A key of the environment's organisation that may do everything. */
async function makeKey(url: string): Promise<string> {
  const db = await openDatabase(url);
  try {
    const { organisation_id } = await db.kysely
      .selectFrom("environments as e")
      .innerJoin("projects as p", "p.id", "e.project_id")
      .select("p.organisation_id")
      .where("e.id", "=", environmentId(DOCUMENT))
      .executeTakeFirstOrThrow();
    const noRequests = () => Promise.reject(new Error("nothing is asked through it"));
    return (await createAdminClient(db, noRequests, organisation_id)).key;
  } finally {
    await db.close();
  }
}

interface Asked {
  readonly what: string;
  readonly url: string;
  readonly identities: number;
  readonly calls: number;
}

async function measure({ what, url, identities, calls }: Asked): Promise<BenchRow> {
  const key = await makeKey(url);
  const server = await startScript("server.ts", [url]);
  const headers = { Authorization: `Api-Key ${key}`, "Content-Type": "application/json" };
  const base = `${server.url}/api/v1/environments/${clientKey(DOCUMENT)}/identities/by-identifier`;
  const record = (index: number) => `${base}/${encodeURIComponent(identityAt(SEED, index).identifier)}`;
  try {
    const asked = shuffledIndexes(SEED, identities, calls);
    for (const index of asked.filter((_, i) => i % OVERRIDDEN_OF === 0)) {
      const body = JSON.stringify({ enabled: true, value: "mine", reason: "measured" });
      const put = await fetch(`${record(index)}/overrides/feature_1/`, { method: "PUT", headers, body });
      if (put.status !== 201) throw new Error(`PUT override answered ${put.status}: ${await put.text()}`);
    }
    const times: number[] = [];
    let bytes = 0;
    // The first tenth warms up and is thrown away.
    for (const index of [...asked.slice(0, Math.ceil(calls / 10)), ...asked]) {
      const started = performance.now();
      const answer = await fetch(`${record(index)}/explain/`, { headers });
      const text = await answer.text();
      times.push(performance.now() - started);
      if (answer.status !== 200) throw new Error(`GET explain answered ${answer.status}: ${text}`);
      bytes = text.length;
    }
    const counted = times.slice(-calls);
    return {
      what: `explain one of ${identities.toLocaleString("en-US")} identities, 100 flags and 100 segments, ${what}: p95`,
      value: percentile(counted, 95),
      unit: "ms",
      must: 20,
      aim: 5,
      better: "lower",
      note: `p50 ${figure(percentile(counted, 50))} ms, p99 ${figure(percentile(counted, 99))} ms over ${calls} calls, one at a time; ${bytes.toLocaleString("en-US")} bytes an answer`,
    };
  } finally {
    await server.stop();
  }
}

export async function run({ quick, progress }: BenchOptions): Promise<BenchRow[]> {
  const identities = quick ? 2000 : 1_000_000;
  const calls = quick ? 40 : 1000;
  const fixture = await openFixture({ document: DOCUMENT, identities }, progress);
  const rows: BenchRow[] = [];
  try {
    rows.push(await measure({ what: "SQLite", url: `sqlite:${fixture.folder}/burgee.db`, identities, calls }));
  } finally {
    fixture.remove();
  }
  if (quick) return rows;
  progress("PostgreSQL");
  const postgres = await startPostgresFixture();
  try {
    const url = await postgres.createDatabase(DOCUMENT, identities);
    rows.push(await measure({ what: "PostgreSQL", url, identities, calls }));
  } finally {
    await postgres.remove();
  }
  return rows;
}
