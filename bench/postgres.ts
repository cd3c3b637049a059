/** POST identities on PostgreSQL, against the same server made to send one query, or one commit, a request. */
import { writeBodies } from "./bodies.ts";
import { clientKey } from "./documents.ts";
import { temporaryFolder } from "./fixture.ts";
import { applyLoad, type LoadResult } from "./load.ts";
import { startPostgresFixture } from "./postgres-fixture.ts";
import { settled, startScript } from "./processes.ts";
import { describe, takeTurns } from "./rounds.ts";
import type { BenchOptions, BenchRow } from "./row.ts";

export const name = "postgres";

const CONNECTIONS = 64;
/** More than one round can send, so that no number is ever sent twice. */
const NUMBERS_A_ROUND = 1_000_000;

type Traits = "unchanged" | "changed";

const WHATS: Readonly<Record<Traits, string>> = {
  unchanged: `POST identities on PostgreSQL, nothing changed, ${CONNECTIONS} connections, against one query a request`,
  changed: `POST identities on PostgreSQL, one trait changed each, ${CONNECTIONS} connections, against one commit a request`,
};

/** The database shares the machine's cores with the server: neither is bound to one. */
async function startSide(url: string, bodies: string, flags: readonly string[], seconds: number) {
  const server = await startScript("server.ts", [url, ...flags]);
  let rounds = 0;
  const round = async (): Promise<LoadResult> => {
    rounds += 1;
    const result = await applyLoad(server, {
      path: "/api/v1/identities/",
      headers: { "X-Environment-Key": clientKey("small") },
      seconds,
      connections: CONNECTIONS,
      bodies: { file: bodies, first: rounds * NUMBERS_A_ROUND },
    });
    await settled(server);
    return result;
  };
  return { round, stop: () => server.stop() };
}

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
      const together = await startSide(urls[0], bodies, [], seconds);
      const each = await startSide(urls[1], bodies, ["--query-per-request"], seconds);
      try {
        if (!quick) for (const side of [together, each]) await side.round();
        const turns = await takeTurns(quick ? 1 : 7, together.round, each.round, progress);
        const note = describe(turns);
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
