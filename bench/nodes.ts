/** A change on node A until node B serves it: two nodes on one PostgreSQL database, asked over loopback without a pause. */
import { openDatabase } from "../packages/server/src/db/open-database.ts";
import { createAdminClient, startTestServer } from "../packages/server/src/testing/index.ts";
import { clientKey, environmentId } from "./documents.ts";
import { startPostgresFixture } from "./postgres-fixture.ts";
import { type BenchOptions, type BenchRow, figure, median, percentile } from "./row.ts";

export const name = "nodes";

export async function adminKey(url: string): Promise<string> {
  const db = await openDatabase(url);
  try {
    const { organisation_id } = await db.kysely
      .selectFrom("environments")
      .innerJoin("projects", "projects.id", "environments.project_id")
      .select("organisation_id")
      .where("environments.id", "=", environmentId("medium"))
      .executeTakeFirstOrThrow();
    return (await createAdminClient(db, fetch, organisation_id)).key;
  } finally {
    await db.close();
  }
}

/** Milliseconds from sending the change to `a` until `b` serves another number of flags. */
async function follow(
  a: string,
  b: string,
  key: string,
  hides: boolean,
): Promise<{ served: number; answered: number }> {
  const headers = { "X-Environment-Key": clientKey("medium") };
  const size = async () => (await (await fetch(`${b}/api/v1/flags/`, { headers })).arrayBuffer()).byteLength;
  const before = await size();
  const started = performance.now();
  let answered = Number.NaN;
  const change = fetch(`${a}/api/v1/environments/${clientKey("medium")}/`, {
    method: "PATCH",
    headers: { Authorization: `Api-Key ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ hide_disabled_flags: hides }),
  }).then((response) => {
    answered = performance.now() - started;
    if (response.status !== 200) throw new Error(`the change answered ${response.status}`);
  });
  while ((await size()) === before)
    if (performance.now() - started > 10_000) throw new Error("the change did not arrive");
  const served = performance.now() - started;
  await change;
  return { served, answered };
}

export async function run({ quick, progress }: BenchOptions): Promise<BenchRow[]> {
  const changes = quick ? 10 : 300;
  const fixture = await startPostgresFixture();
  try {
    const url = await fixture.createDatabase("medium", 0);
    const key = await adminKey(url);
    const nodes = await Promise.all([1, 2].map(() => startTestServer({ env: { BURGEE_DATABASE_URL: url } })));
    try {
      const [a, b] = nodes.map((node) => node.url) as [string, string];
      const waits: { served: number; answered: number }[] = [];
      for (let n = -6; n < changes; n += 1) {
        const [changed, asked] = (n & 2) === 0 ? [a, b] : [b, a];
        const wait = await follow(changed, asked, key, (n & 1) === 0);
        if (n >= 0) waits.push(wait);
      }
      progress(`${changes} changes`);
      const served = waits.map((wait) => wait.served);
      const note = `${changes} changes of a document of 100 features, from sending the change to being served elsewhere; the change itself was answered after ${figure(median(waits.map((wait) => wait.answered)))} ms in the middle`;
      const what = "a change on node A until node B serves it, PostgreSQL, loopback";
      return [
        { what: `${what}: median`, value: median(served), unit: "ms", must: 50, aim: 10, better: "lower", note },
        { what: `${what}: p99`, value: percentile(served, 99), unit: "ms", must: 250, aim: 50, better: "lower" },
      ];
    } finally {
      for (const node of nodes) await node.stop();
    }
  } finally {
    await fixture.remove();
  }
}
