/** Real nodes on one PostgreSQL database: prepared, changed and asked from outside. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../packages/server/src/db/open-database.ts";
import {
  createAdminClient,
  runBurgee,
  startTestServer,
  type TestServer,
} from "../packages/server/src/testing/index.ts";
import { buildDocument, clientKey, serverKey } from "./builders.ts";

export const startNode = (databaseUrl: string, env: Readonly<Record<string, string>> = {}): Promise<TestServer> =>
  startTestServer({ env: { BURGEE_DATABASE_URL: databaseUrl, ...env } });

/** One environment with a feature that is on and one that is off. Returns an organisation's key for the admin side. */
export async function prepare(databaseUrl: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "burgee-nodes-"));
  const file = join(folder, "document.json");
  const features = [{ name: "on", enabled: true }, { name: "off" }];
  await writeFile(file, JSON.stringify(buildDocument({ features })));
  const args = ["import", "environment-document", file, "--server-key", serverKey()];
  const { code, stderr } = await runBurgee(folder, args, { BURGEE_DATABASE_URL: databaseUrl });
  await rm(folder, { recursive: true, force: true });
  if (code !== 0) throw new Error(stderr);
  const db = await openDatabase(databaseUrl);
  const { key } = await createAdminClient(db, fetch, 1);
  await db.close();
  return key;
}

/** A change that every SDK notices: whether features that are off are told at all. */
export async function hideDisabled(node: TestServer, adminKey: string, hides: boolean): Promise<void> {
  const response = await fetch(`${node.url}/api/v1/environments/${clientKey()}/`, {
    method: "PATCH",
    headers: { Authorization: `Api-Key ${adminKey}`, "Content-Type": "application/json" },
    body: JSON.stringify({ hide_disabled_flags: hides }),
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
}

/** Names of the flags a node serves; undefined = it did not answer 200. */
export async function servedFlags(node: TestServer): Promise<string[] | undefined> {
  const headers = { "X-Environment-Key": clientKey() };
  const response = await fetch(`${node.url}/api/v1/flags/`, { headers });
  if (response.status !== 200) return undefined;
  const flags = (await response.json()) as { feature: { name: string } }[];
  return flags.map(({ feature }) => feature.name);
}

/** Milliseconds until the node serves so many flags. */
export async function untilServed(node: TestServer, count: number, limitMs = 10_000): Promise<number> {
  const started = performance.now();
  while ((await servedFlags(node))?.length !== count) {
    if (performance.now() - started > limitMs) throw new Error(`not served within ${limitMs} ms`);
    await Bun.sleep(2);
  }
  return performance.now() - started;
}

export interface Outcome {
  /** 0 = the connection broke. */
  readonly status: number;
  readonly retryAfter: string | null;
  readonly ms: number;
}

/** Writes one trait and says how that went. */
export async function identify(node: TestServer, identifier: string, key: string, value: unknown): Promise<Outcome> {
  const started = performance.now();
  const took = () => performance.now() - started;
  try {
    const response = await fetch(`${node.url}/api/v1/identities/`, {
      method: "POST",
      headers: { "X-Environment-Key": clientKey(), "Content-Type": "application/json" },
      body: JSON.stringify({ identifier, traits: [{ trait_key: key, trait_value: value }] }),
    });
    await response.text();
    return { status: response.status, retryAfter: response.headers.get("Retry-After"), ms: took() };
  } catch {
    return { status: 0, retryAfter: null, ms: took() };
  }
}

async function traitsOf(node: TestServer, identifier: string): Promise<Map<string, unknown>> {
  const response = await fetch(`${node.url}/api/v1/identities/?identifier=${identifier}`, {
    headers: { "X-Environment-Key": clientKey() },
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const { traits } = (await response.json()) as { traits: { trait_key: string; trait_value: unknown }[] };
  return new Map(traits.map((trait) => [trait.trait_key, trait.trait_value]));
}

export interface Load {
  readonly outcomes: readonly Outcome[];
  /** identifier to the last value that was acknowledged. */
  readonly acknowledged: ReadonlyMap<string, number>;
  /** Lets running calls end. */
  stop(): Promise<void>;
}

/** Callers that write without a pause, each the rising value of one trait of its own identity. */
export function startLoad(node: TestServer, callers: number, prefix = "caller"): Load {
  const outcomes: Outcome[] = [];
  const acknowledged = new Map<string, number>();
  let isOver = false;
  const work = Array.from({ length: callers }, async (_, caller) => {
    const identifier = `${prefix}-${caller}`;
    for (let n = 1; !isOver; n += 1) {
      const outcome = await identify(node, identifier, "n", n);
      outcomes.push(outcome);
      if (outcome.status === 200) acknowledged.set(identifier, n);
      else await Bun.sleep(10);
    }
  });
  return {
    outcomes,
    acknowledged,
    stop: async () => {
      isOver = true;
      await Promise.all(work);
    },
  };
}

/** Those whose stored value is older than what was acknowledged. */
export async function lostWrites(node: TestServer, acknowledged: ReadonlyMap<string, number>): Promise<string[]> {
  const lost: string[] = [];
  for (const [identifier, n] of acknowledged) {
    const stored = Number((await traitsOf(node, identifier)).get("n") ?? 0);
    if (stored < n) lost.push(`${identifier}: ${n} was acknowledged, ${stored} is stored`);
  }
  return lost;
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
