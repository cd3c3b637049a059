/** POST identities that each change a trait, against the same server made to commit once a request. */
import { writeBodies } from "./bodies.ts";
import { type Fixture, openFixture } from "./fixture.ts";
import { describe, takeTurns } from "./rounds.ts";
import type { BenchOptions, BenchRow } from "./row.ts";
import { CONNECTIONS, startSide } from "./written-side.ts";

export const name = "writes";

function start(fixture: Fixture, flags: readonly string[], identities: number, seconds: number) {
  const bodies = writeBodies({ folder: fixture.folder, identities, traits: "changed" });
  return startSide({ url: `sqlite:${fixture.folder}/burgee.db`, bodies, flags, seconds });
}

export async function run({ quick, progress }: BenchOptions): Promise<BenchRow[]> {
  const identities = quick ? 2000 : 100_000;
  const seconds = quick ? 1 : 3;
  const fixtures = [
    await openFixture({ document: "small", identities }, progress),
    await openFixture({ document: "small", identities }, progress),
  ] as const;
  const grouped = await start(fixtures[0], [], identities, seconds);
  const single = await start(fixtures[1], ["--commit-per-request"], identities, seconds);
  try {
    if (!quick) for (const side of [grouped, single]) await side.round();
    const turns = await takeTurns(quick ? 1 : 7, grouped.round, single.round, progress);
    const what = `POST identities, one trait changed each, ${CONNECTIONS} connections, synchronous=FULL, against one commit a request`;
    const note = `${describe(turns)}; nothing bound to a core`;
    return [{ what, value: turns.ratio, unit: "x", must: 3, aim: 5, better: "higher", note }];
  } finally {
    await grouped.stop();
    await single.stop();
    for (const fixture of fixtures) fixture.remove();
  }
}
