/** Ten thousand idle event streams on one process: what they take, and how soon the last of them hears of a change. */
import { clientKey } from "./documents.ts";
import { openFixture } from "./fixture.ts";
import { adminKey } from "./nodes.ts";
import { type BenchServer, cpuSeconds, residentMegabytes, startProduct } from "./processes.ts";
import { type BenchOptions, type BenchRow, figure, median, percentile } from "./row.ts";
import { openStreamClients, possibleClients, type StreamClients } from "./stream-clients.ts";

export const name = "push";

const WANTED = 10_000;
const PAUSE_MS = 150;
const KEY = clientKey("medium");

async function change(product: BenchServer, key: string, hides: boolean): Promise<void> {
  const answer = await fetch(`${product.url}/api/v1/environments/${KEY}/`, {
    method: "PATCH",
    headers: { Authorization: `Api-Key ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ hide_disabled_flags: hides }),
  });
  if (answer.status !== 200) throw new Error(`the change answered ${answer.status}`);
}

async function writeTrait(product: BenchServer, identifier: string, value: number): Promise<void> {
  const answer = await fetch(`${product.url}/api/v1/identities/`, {
    method: "POST",
    headers: { "X-Environment-Key": KEY, "Content-Type": "application/json" },
    body: JSON.stringify({ identifier, traits: [{ trait_key: "bench", trait_value: value }] }),
  });
  if (answer.status !== 200) throw new Error(`the trait's write answered ${answer.status}`);
}

async function timed(clients: StreamClients, event: string, count: number, work: () => Promise<void>): Promise<number> {
  const heard = clients.expect(event, count);
  const started = performance.now();
  const [at] = await Promise.all([heard, work()]);
  await Bun.sleep(PAUSE_MS);
  return at - started;
}

export async function run({ quick, progress }: BenchOptions): Promise<BenchRow[]> {
  const count = quick ? 200 : possibleClients(WANTED);
  const changes = quick ? 5 : 100;
  const fixture = await openFixture({ document: "medium", identities: quick ? 1000 : 100_000 }, progress);
  try {
    const key = await adminKey(`sqlite:${fixture.folder}/burgee.db`);
    const identifierOf = (n: number) => `listener-${n}`;
    const identityPath = (_: unknown, n: number) => `/api/v1/stream/identity/?key=${KEY}&identifier=${identifierOf(n)}`;
    const streams = [
      {
        kind: "environment",
        event: "change",
        paths: Array.from({ length: count }, () => `/api/v1/stream/environment/?key=${KEY}`),
      },
      { kind: "identity", event: "changed", paths: Array.from({ length: count }, identityPath) },
    ] as const;
    const rows: BenchRow[] = [];
    const many = count.toLocaleString("en-US");
    for (const { kind, event, paths } of streams) {
      const product = await startProduct({ folder: fixture.folder });
      try {
        // What any first change and first write load is not the listeners'.
        for (let n = 0; n < 6; n += 1) await change(product, key, n % 2 === 0);
        await writeTrait(product, "warm", 1);
        await Bun.sleep(quick ? 100 : 2000);
        const before = residentMegabytes(product.pid).now;
        const clients = await openStreamClients(product.port, paths);
        await Bun.sleep(quick ? 100 : 10_000);
        const idle = residentMegabytes(product.pid).now - before;
        const lastMs: number[] = [];
        const busyBefore = cpuSeconds(product.pid);
        for (let n = 0; n < changes; n += 1) {
          lastMs.push(await timed(clients, event, count, () => change(product, key, n % 2 === 0)));
        }
        const { peak } = residentMegabytes(product.pid);
        const busyMs = ((cpuSeconds(product.pid) - busyBefore) * 1000) / changes;
        progress(`${many} ${kind} streams: ${figure(idle)} MB`);
        const what = `${many} idle ${kind} streams`;
        rows.push(
          {
            what: `${what}: memory they add`,
            value: idle,
            unit: "MB",
            must: 150,
            better: "lower",
            note: `${figure(before)} MB before; at most ${figure(peak)} MB in all, after ${changes} changes told to all of them`,
          },
          {
            what: `${what}: a change to the last of them, p99`,
            value: percentile(lastMs, 99),
            unit: "ms",
            must: 250,
            aim: 100,
            better: "lower",
            note: `from sending the change; median ${figure(median(lastMs))} ms of ${changes} changes, each of which took the server ${figure(busyMs)} ms of processor time`,
          },
        );
        if (kind === "identity") rows.push(await traitRow(product, clients, { count, writes: changes * 3, many }));
        clients.close();
      } finally {
        await product.stop();
      }
    }
    return rows;
  } finally {
    fixture.remove();
  }
}

async function traitRow(
  product: BenchServer,
  clients: StreamClients,
  { count, writes, many }: { readonly count: number; readonly writes: number; readonly many: string },
): Promise<BenchRow> {
  const taken: number[] = [];
  for (let n = 0; n < writes; n += 1) {
    const identifier = `listener-${(n * 7919) % count}`;
    const heard = clients.expect("changed", 1);
    const started = performance.now();
    const [at] = await Promise.all([heard, writeTrait(product, identifier, n)]);
    taken.push(at - started);
    await Bun.sleep(5);
  }
  return {
    what: `a trait's write to its identity's stream among ${many}, p99`,
    value: percentile(taken, 99),
    unit: "ms",
    must: 250,
    aim: 100,
    better: "lower",
    note: `from sending the write, its sync to disk included; median ${figure(median(taken))} ms of ${writes}`,
  };
}
