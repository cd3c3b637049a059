/** How many match, exactly: a stretch of ids at a time, so that whoever asks can tell how far it is, and stop. */
import { compose, fragment } from "./fragment.ts";
import type { IdentityRow } from "./read-rows.ts";
import type { CountAnswer } from "./requests.ts";
import { readBounds } from "./sample.ts";
import { inRange, type Session } from "./session.ts";

/** So many candidates are read in one statement. */
const manyCandidates = 60_000;
const mostCandidates = 100_000;
const firstPiece = 20_000;
const largestPiece = 200_000;
const pieceMs = 50;

export async function countStretch(
  session: Session,
  afterId: number,
  untilId: number,
  timeMs: number,
): Promise<CountAnswer> {
  const bounds = await readBounds(session);
  if (!bounds) return { matched: 0, nextId: null };
  const highest = Math.min(bounds.highest, untilId);
  const smallest = await session.smallest(mostCandidates);
  // Only now: what finding candidates takes must not leave one piece a call.
  const deadline = performance.now() + timeMs;
  const isCut = smallest?.candidates.isOrdered === true && smallest.count < mostCandidates;
  const candidates = smallest && (isCut || smallest.count < manyCandidates) ? smallest.candidates : undefined;
  let matched = 0;
  let above = Math.max(afterId, bounds.lowest - 1);
  let step = candidates && !isCut ? highest - above : firstPiece;
  while (above < highest) {
    const start = performance.now();
    const range = { above, upTo: Math.min(highest, above + step) };
    const from = candidates
      ? session.among(candidates, range)
      : compose`${fragment(session.dialect.identitiesBy("id"))} where i.environment_id = ${fragment("?", session.environmentId)} and ${inRange("i.id", range)}`;
    matched += await countIn(session, from);
    above = range.upTo;
    const now = performance.now();
    if (now > deadline) break;
    step = Math.min(largestPiece, Math.max(firstPiece, Math.ceil(step * Math.min(4, pieceMs / (now - start)))));
  }
  return { matched, nextId: above >= highest ? null : above };
}

async function countIn(session: Session, from: ReturnType<typeof fragment>): Promise<number> {
  const { filter, columns } = session;
  if (filter.isExact) {
    const [row] = await session.all<{ count: number }>(
      compose`select count(*) as count from ${from} and ${filter.condition}`,
    );
    return row?.count ?? 0;
  }
  const rows = await session.all<IdentityRow>(compose`select ${columns} from ${from} and ${filter.condition}`);
  return rows.filter((row) => session.isMatch(row)).length;
}
