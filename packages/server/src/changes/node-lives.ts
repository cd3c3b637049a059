/**
 * Which other nodes are alive. One that says nothing any more, and took no leave, was killed or cut off: it may have written something
 * and not have told of it.
 */

/** Between the words of a node that has nothing to say. */
export const beatMs = 5000;
const silenceMs = 3 * beatMs;

export interface NodeLives {
  heard(node: string): void;
  left(node: string): void;
  /** How many have fallen silent since the last look; each counts once. */
  takeLost(): number;
}

/** `now`: milliseconds, of a clock that is never set back. */
export function createNodeLives(now: () => number): NodeLives {
  const heardAt = new Map<string, number>();
  let lookedAt = now();
  return {
    heard: (node) => void heardAt.set(node, now()),
    left: (node) => void heardAt.delete(node),
    takeLost: () => {
      // This node slept itself: what the others said meanwhile is still to be read.
      const slept = now() - lookedAt > silenceMs;
      lookedAt = now();
      if (slept) for (const node of heardAt.keys()) heardAt.set(node, now());
      let lost = 0;
      for (const [node, at] of heardAt) if (now() - at > silenceMs && heardAt.delete(node)) lost += 1;
      return lost;
    },
  };
}
