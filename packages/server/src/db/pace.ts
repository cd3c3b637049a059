/** How much of a database the index of identities takes, by how much others write. */
import type { Pace } from "./identity-index.ts";

export interface Paces {
  /** While nobody else writes. */
  readonly alone: Pace;
  readonly beside: Pace;
  readonly inCrowd: Pace;
  /** Others' writes in a millisecond from which on they are one. */
  readonly crowd: number;
}

/** `writes` counts those of others so far. */
export function createPace(
  { alone, beside, inCrowd, crowd }: Paces,
  writes: () => number,
  clock: () => number = () => performance.now(),
): () => Pace {
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
