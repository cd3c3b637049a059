/** POST identities that each change a trait, against the same server made to commit once a request. */
import { writeBodies } from "./bodies.ts";
import { clientKey } from "./documents.ts";
import { type Fixture, openFixture } from "./fixture.ts";
import { applyLoad, type LoadResult } from "./load.ts";
import { GENERATOR_CORE, settled, startScript } from "./processes.ts";
import { describe, takeTurns } from "./rounds.ts";
import type { BenchOptions, BenchRow } from "./row.ts";

export const name = "writes";

const CONNECTIONS = 64;
/** More than one round can send, so that no number is ever sent twice: writing what is stored already costs nothing. */
const NUMBERS_A_ROUND = 1_000_000;

async function startSide(fixture: Fixture, flags: readonly string[], identities: number, seconds: number) {
  const file = writeBodies({ folder: fixture.folder, identities, traits: "changed" });
  // The writer has a thread of its own, so the server may use both cores; the generator stays on its one.
  const server = await startScript("server.ts", [`sqlite:${fixture.folder}/burgee.db`, ...flags]);
  let rounds = 0;
  const round = async (): Promise<LoadResult> => {
    rounds += 1;
    const result = await applyLoad(server, {
      path: "/api/v1/identities/",
      headers: { "X-Environment-Key": clientKey("small") },
      seconds,
      connections: CONNECTIONS,
      bodies: { file, first: rounds * NUMBERS_A_ROUND },
    });
    await settled(server);
    return result;
  };
  return { round, stop: () => server.stop() };
}

export async function run({ quick, progress }: BenchOptions): Promise<BenchRow[]> {
  const identities = quick ? 2000 : 100_000;
  const seconds = quick ? 1 : 3;
  const fixtures = [
    await openFixture({ document: "small", identities }, progress),
    await openFixture({ document: "small", identities }, progress),
  ] as const;
  const grouped = await startSide(fixtures[0], [], identities, seconds);
  const single = await startSide(fixtures[1], ["--commit-per-request"], identities, seconds);
  try {
    if (!quick) for (const side of [grouped, single]) await side.round();
    const turns = await takeTurns(quick ? 1 : 7, grouped.round, single.round, progress);
    const what = `POST identities, one trait changed each, ${CONNECTIONS} connections, synchronous=FULL, against one commit a request`;
    const note = `${describe(turns)}; generator on core ${GENERATOR_CORE}`;
    return [{ what, value: turns.ratio, unit: "x", must: 3, aim: 5, better: "higher", note }];
  } finally {
    await grouped.stop();
    await single.stop();
    for (const fixture of fixtures) fixture.remove();
  }
}
