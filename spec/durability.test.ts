/** kill -9 in the middle of writes, again and again on one folder: what was acknowledged is there, the database is sound, the next start serves. */
import { expect, test } from "bun:test";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  databaseOf,
  removeFolder,
  runBurgee,
  startTestServer,
  type TestServer,
} from "../packages/server/src/testing/index.ts";
import { buildDocument, clientKey, serverKey } from "./builders.ts";
import { eventually } from "./sdk/sample.ts";

const KILLS = 20;
const WRITERS = 16;
/** A busy machine kills less often, but five times at the least. */
const ENOUGH_MS = 60_000;

/** What was sent and what was acknowledged, over all rounds. */
interface Ledger {
  /** identifier to trait key to value, of acknowledged calls. */
  readonly traits: Map<string, Map<string, number | null>>;
  readonly increments: { sent: number; acknowledged: number };
}

async function post(server: TestServer, path: string, body: unknown): Promise<boolean> {
  try {
    const response = await fetch(`${server.url}/api/v1/${path}`, {
      method: "POST",
      headers: { "X-Environment-Key": clientKey(), "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    await response.text();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Writes until the server is gone. Each writer has keys of its own, some on an identity that all share. */
async function write(server: TestServer, ledger: Ledger, round: number, writer: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const identifier = n % 3 === 0 ? "shared" : `round-${round}-writer-${writer}-${n % 7}`;
    const key = n % 3 === 0 ? `writer-${writer}` : `n-${n}`;
    // Every fifth call of a writer deletes what its fourth wrote.
    const value = n % 3 === 0 && n % 5 === 0 ? null : round * 1_000_000 + n;
    const traits = ledger.traits.get(identifier) ?? new Map<string, number | null>();
    ledger.traits.set(identifier, traits);
    if (!(await post(server, "identities/", { identifier, traits: [{ trait_key: key, trait_value: value }] }))) {
      // Not acknowledged: it may be there or not, so this key proves nothing any more in this round.
      traits.delete(key);
      return;
    }
    traits.set(key, value);
    if (n % 4 === 0) {
      ledger.increments.sent += 1;
      const body = { identifier: "counter", trait_key: "count", increment_by: 1 };
      if (!(await post(server, "traits/increment-value/", body))) return;
      ledger.increments.acknowledged += 1;
    }
  }
}

async function storedTraits(server: TestServer, identifier: string): Promise<Map<string, unknown>> {
  const response = await fetch(`${server.url}/api/v1/identities/?identifier=${identifier}`, {
    headers: { "X-Environment-Key": clientKey() },
  });
  expect(response.status).toBe(200);
  const { traits } = (await response.json()) as { traits: { trait_key: string; trait_value: unknown }[] };
  return new Map(traits.map((trait) => [trait.trait_key, trait.trait_value]));
}

async function expectLedger(server: TestServer, ledger: Ledger): Promise<void> {
  const lost: string[] = [];
  for (const [identifier, traits] of ledger.traits) {
    const stored = await storedTraits(server, identifier);
    for (const [key, value] of traits) {
      if ((stored.get(key) ?? null) !== value) lost.push(`${identifier} ${key}: ${value}, but ${stored.get(key)}`);
    }
  }
  expect(lost).toEqual([]);
  const count = Number((await storedTraits(server, "counter")).get("count") ?? 0);
  expect(count).toBeGreaterThanOrEqual(ledger.increments.acknowledged);
  expect(count).toBeLessThanOrEqual(ledger.increments.sent);
}

test(`${KILLS} kills, or as many as there is time for, lose nothing that was acknowledged`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "burgee-kill-"));
  const file = join(folder, "document.json");
  await writeFile(file, JSON.stringify(buildDocument({ features: [{ name: "on", enabled: true }] })));
  const imported = await runBurgee(folder, ["import", "environment-document", file, "--server-key", serverKey()]);
  expect(imported.code).toBe(0);

  const ledger: Ledger = { traits: new Map(), increments: { sent: 0, acknowledged: 0 } };
  const started = performance.now();
  let kills = 0;
  for (let round = 1; round <= KILLS && (round <= 5 || performance.now() - started < ENOUGH_MS); round += 1) {
    const server = await startTestServer({ folder });
    try {
      await expectLedger(server, ledger);
      await (await databaseOf(folder)).check();
      // The shared and the counted stay; what one round wrote for itself need not be asked for in all later ones.
      if (round % 5 === 0) for (const name of ledger.traits.keys()) if (name !== "shared") ledger.traits.delete(name);
      const writers = Array.from({ length: WRITERS }, (_, writer) => write(server, ledger, round, writer));
      // A busy machine takes its time until every writer is at it.
      const enough = ledger.increments.acknowledged + WRITERS;
      await eventually(() => ledger.increments.acknowledged > enough, 20_000);
      await Bun.sleep((round * 37) % 160);
      await server.kill();
      kills += 1;
      await Promise.all(writers);
    } finally {
      await server.kill();
    }
  }
  const last = await startTestServer({ folder });
  await expectLedger(last, ledger);
  await (await databaseOf(folder)).check();
  // Enough was going on when the kills came.
  expect(ledger.increments.acknowledged).toBeGreaterThan(kills * WRITERS);
  expect(await last.stop()).toBe(0);
  await removeFolder(folder);
}, 120_000);
