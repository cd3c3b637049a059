/** Memory of the server process with a million identities stored, after a minute of load. */
import { writeBodies } from "./bodies.ts";
import { clientKey } from "./documents.ts";
import { openFixture } from "./fixture.ts";
import { applyLoad } from "./load.ts";
import { residentMegabytes, SERVER_CORE, startProduct } from "./processes.ts";
import { type BenchOptions, type BenchRow, figure } from "./row.ts";

export const name = "memory";

export async function run({ quick, progress }: BenchOptions): Promise<BenchRow[]> {
  const identities = quick ? 20_000 : 1_000_000;
  const fixture = await openFixture({ document: "medium", identities }, progress);
  const unchanged = writeBodies({ folder: fixture.folder, identities, traits: "unchanged" });
  const changed = writeBodies({ folder: fixture.folder, identities, traits: "changed" });
  const product = await startProduct({ folder: fixture.folder, core: SERVER_CORE });
  try {
    const headers = { "X-Environment-Key": clientKey("medium") };
    const idle = residentMegabytes(product.pid).now;
    const path = "/api/v1/identities/";
    const loads = [
      { path, headers, seconds: quick ? 1 : 30, bodies: { file: unchanged } },
      { path, headers, seconds: quick ? 1 : 15, bodies: { file: changed, first: 1 } },
      { path: "/api/v1/flags/", headers, seconds: quick ? 1 : 15 },
    ];
    const steps: string[] = [];
    for (const load of loads) {
      await applyLoad(product, load);
      steps.push(figure(residentMegabytes(product.pid).now));
      progress(`${steps.at(-1)} MB after ${load.seconds} s of ${load.path}`);
    }
    const { now, peak } = residentMegabytes(product.pid);
    const stored = identities.toLocaleString("en-US");
    const what = `memory with ${stored} identities of 5 traits stored, after ${quick ? "3 seconds" : "a minute"} of load`;
    const note = `${figure(idle)} MB before the load; ${steps.join(", ")} MB after reads, writes, flags; ${figure(peak)} MB at most; the file has ${figure(fixture.bytes / 1e6)} MB`;
    return [{ what, value: now, unit: "MB", must: 300, aim: 150, better: "lower", note }];
  } finally {
    await product.stop();
    fixture.remove();
  }
}
