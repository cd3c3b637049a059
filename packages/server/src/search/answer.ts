/** Answers one request on whatever connection it is given. */
import type { Reader } from "../db/reader.ts";
import { countStretch } from "./count.ts";
import type { Dialect } from "./dialect.ts";
import { findPage } from "./page.ts";
import type { EstimateAnswer, FoundRow, PageAnswer, PageRequest, SearchRequest } from "./requests.ts";
import { readBounds, takeSample } from "./sample.ts";
import { openSession, type Session } from "./session.ts";

/**
 * A request takes several statements, and what is written meanwhile may reach the index between two of them. One snapshot for all would
 * keep SQLite's log from being used again, for as long as somebody counts; so it is asked afterwards whether anything can be missing.
 */
export async function answerRequest(reader: Reader, dialect: Dialect, request: SearchRequest): Promise<unknown> {
  const session = openSession(reader, dialect, request.resolved);
  const answer = await run(session, request);
  if (await session.knewAllKeys()) return answer;
  return run(openSession(reader, dialect, request.resolved, { usesIndex: false }), request);
}

function run(session: Session, request: SearchRequest): Promise<unknown> {
  if (request.kind === "count") return countStretch(session, request.afterId, request.untilId, request.timeMs);
  return request.kind === "page" ? page(session, request) : estimate(session, request);
}

async function page(session: Session, request: PageRequest): Promise<PageAnswer> {
  const found = await findPage(session, request);
  const counts = await countOverrides(
    session,
    found.rows.filter((row) => row.has_overrides === 1).map((row) => row.identifier),
  );
  const rows = found.rows.map((row): FoundRow => ({ ...row, override_count: counts.get(row.identifier) ?? 0 }));
  return { ...found, rows };
}

async function countOverrides(session: Session, identifiers: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (let at = 0; at < identifiers.length; at += 200) {
    const asked = identifiers.slice(at, at + 200);
    const rows = await session.all<{ identifier: string; count: number }>({
      sql: `select identifier, count(*) as count from identity_overrides where environment_id = ? and is_expired = 0
        and identifier in (${asked.map(() => "?").join(", ")}) group by identifier`,
      parameters: [session.environmentId, ...asked],
    });
    for (const { identifier, count } of rows) counts.set(identifier, count);
  }
  return counts;
}

/** Of so many, 95 of 100 estimates are within 1.3 percentage points. */
const estimateBlocks = 150;
const estimateSize = 40;

async function estimate(session: Session, { shown }: { readonly shown: number }): Promise<EstimateAnswer> {
  const bounds = await readBounds(session);
  if (!bounds) return { lookedAt: 0, matched: 0, total: 0, isEverybody: true, sample: [] };
  const { matched, ...sample } = await takeSample(session, bounds, estimateBlocks, estimateSize);
  return { ...sample, matched: matched.length, sample: matched.slice(0, shown) };
}
