/** How much of the writer the index of identities takes, by how much others write. */
import type { Pace } from "../identity-index.ts";

/** Others' writes in a millisecond from which on every pause of the writer is felt: a fifth of what it can take. */
const crowd = 3;
const alone: Pace = { stepMs: 10, restShare: 1 };
const beside: Pace = { stepMs: 5, restShare: 4 };
/**
 * In steps that those who wait hardly notice: sixty-four callers keep the serving thread busy for four milliseconds. With a tenth of
 * the writer's time it would fall behind such a crowd all the same, and take nearly a tenth of its writes.
 */
const inCrowd: Pace = { stepMs: 3, restShare: 24 };

/** A twenty-fifth of the writer's time while it is in demand, a fifth beside a few writes, half of it while nobody else writes. */
export function createPace(writes: () => number, clock: () => number = () => performance.now()): () => Pace {
  let seen = writes();
  let at = clock();
  return () => {
    const now = clock();
    const since = writes() - seen;
    const perMs = since / Math.max(1, now - at);
    seen += since;
    at = now;
    if (since === 0) return alone;
    return perMs < crowd ? beside : inCrowd;
  };
}
