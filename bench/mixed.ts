/** How much slower GET flags gets at a constant rate while traits are written and all identities are scanned. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeBodies } from "./bodies.ts";
import { clientKey } from "./documents.ts";
import { openFixture } from "./fixture.ts";
import type { Flow, FlowReport, OpenLoopRequest } from "./open-loop.ts";
import { type BenchServer, startScript } from "./processes.ts";
import { type BenchOptions, type BenchRow, figure, median } from "./row.ts";

export const name = "mixed";

export const READS = 2000;
const WRITES = 500;
export const READ_CONNECTIONS = 64;
/** Enough for writes that wait for a slow disk. */
const WRITE_CONNECTIONS = 256;
const GRACE_MS = 30_000;

export async function runFlows(folder: string, request: OpenLoopRequest): Promise<FlowReport[]> {
  const file = join(folder, "open-loop.json");
  writeFileSync(file, JSON.stringify(request));
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "open-loop.ts"), file], {
    stdout: "pipe",
    stderr: "inherit",
    timeout: request.seconds * 1000 + GRACE_MS,
  });
  const printed = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the constant-rate generator failed");
  const reports = JSON.parse(printed) as FlowReport[];
  for (const { name, failed, requests } of reports) {
    if (failed > 0) throw new Error(`${failed} of ${requests} requests of "${name}" failed or came too late`);
  }
  return reports;
}

interface Round {
  readonly quiet: FlowReport;
  readonly busy: FlowReport;
  readonly writes: FlowReport;
}

async function measureRound(
  server: BenchServer,
  folder: string,
  reads: Flow,
  writes: Flow,
  seconds: number,
): Promise<Round> {
  const request = { port: server.port, seconds, warmUpSeconds: 1 };
  const [quiet] = await runFlows(folder, { ...request, flows: [reads] });
  server.tell("scan");
  const [busy, written] = await runFlows(folder, { ...request, flows: [reads, writes] });
  server.tell("rest");
  if (!quiet || !busy || !written) throw new Error("the constant-rate generator said too little");
  return { quiet, busy, writes: written };
}

export async function run({ quick, progress }: BenchOptions): Promise<BenchRow[]> {
  const identities = quick ? 20_000 : 1_000_000;
  const fixture = await openFixture({ document: "medium", identities }, progress);
  const file = writeBodies({ folder: fixture.folder, identities, traits: "changed" });
  const server = await startScript("server.ts", [`sqlite:${fixture.folder}/burgee.db`]);
  const headers = { "X-Environment-Key": clientKey("medium") };
  const seconds = quick ? 2 : 8;
  const rounds: Round[] = [];
  try {
    for (let round = 1; round <= (quick ? 1 : 5); round += 1) {
      const reads = { name: "GET flags", rate: READS, path: "/api/v1/flags/", headers, connections: READ_CONNECTIONS };
      const bodies = { file, first: round * 1_000_000 };
      const writes = {
        name: "trait writes",
        rate: WRITES,
        path: "/api/v1/identities/",
        headers,
        connections: WRITE_CONNECTIONS,
        bodies,
      };
      const measured = await measureRound(server, fixture.folder, reads, writes, seconds);
      rounds.push(measured);
      progress(
        `round ${round}: p99 ${figure(measured.quiet.p99Ms)} ms quiet, ${figure(measured.busy.p99Ms)} ms busy; writes ${figure(measured.writes.p99Ms)} ms`,
      );
    }
    const scans = server.heard.map((line) => Number(line.split(" ")[1]));
    const of = (pick: (round: Round) => number) => median(rounds.map(pick));
    const note =
      `p99 ${figure(of((r) => r.quiet.p99Ms))} ms quiet, ${figure(of((r) => r.busy.p99Ms))} ms busy; p50 ${figure(of((r) => r.quiet.p50Ms))} and ${figure(of((r) => r.busy.p50Ms))} ms; ` +
      `p99 of writes ${figure(of((r) => r.writes.p99Ms))} ms; ${scans.length} scans of ${figure(median(scans))} ms`;
    const what = `p99 of GET flags at ${READS.toLocaleString("en-US")}/s while ${WRITES} traits/s are written and ${identities.toLocaleString("en-US")} identities scanned, against quiet`;
    const value = of(({ busy, quiet }) => busy.p99Ms / quiet.p99Ms);
    return [{ what, value, unit: "x", must: 4, aim: 2, better: "lower", note }];
  } finally {
    await server.stop();
    fixture.remove();
  }
}
