/** POST identities on PostgreSQL, against the same server made to send one query, or one commit, a request. */
import { writeBodies } from "./bodies.ts";
import { temporaryFolder } from "./fixture.ts";
import { startPostgresFixture } from "./postgres-fixture.ts";
import { describe, takeTurns } from "./rounds.ts";
import type { BenchOptions, BenchRow } from "./row.ts";
import { CONNECTIONS, startSide } from "./written-side.ts";

export const name = "postgres";

type Traits = "unchanged" | "changed";

const WHATS: Readonly<Record<Traits, string>> = {
  unchanged: `POST identities on PostgreSQL, nothing changed, ${CONNECTIONS} connections, against one query a request`,
  changed: `POST identities on PostgreSQL, one trait changed each, ${CONNECTIONS} connections, against one commit a request`,
};

export async function run({ quick, progress }: BenchOptions): Promise<BenchRow[]> {
  const identities = quick ? 2000 : 100_000;
  const seconds = quick ? 1 : 3;
  const rows: BenchRow[] = [];
  const fixture = await startPostgresFixture();
  const { folder, remove } = temporaryFolder();
  try {
    const urls = [
      await fixture.createDatabase("small", identities),
      await fixture.createDatabase("small", identities),
    ] as const;
    for (const traits of ["unchanged", "changed"] as const) {
      const bodies = writeBodies({ folder, identities, traits });
      const together = await startSide({ url: urls[0], bodies, flags: [], seconds });
      const each = await startSide({ url: urls[1], bodies, flags: ["--query-per-request"], seconds });
      try {
        if (!quick) for (const side of [together, each]) await side.round();
        const turns = await takeTurns(quick ? 1 : 7, together.round, each.round, progress);
        const note = `${describe(turns)}; nothing bound to a core`;
        rows.push({ what: WHATS[traits], value: turns.ratio, unit: "x", must: 4, aim: 8, better: "higher", note });
      } finally {
        await together.stop();
        await each.stop();
      }
    }
  } finally {
    remove();
    await fixture.remove();
  }
  return rows;
}
