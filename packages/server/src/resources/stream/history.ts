/** What an environment's revisions were of late, for who reconnects and says what it heard last. */

export interface Revision {
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
}

export interface History {
  add(environmentId: number, revision: Revision): void;
  /** What came after `last`, up to `current`, oldest first; undefined where that is not known any more, or lies ahead. */
  since(environmentId: number, last: number, current: Revision): readonly Revision[] | undefined;
}

const MAX_REVISIONS = 256;
const MAX_ENVIRONMENTS = 1000;

export function createHistory(): History {
  const kept = new Map<number, Revision[]>();
  return {
    add: (environmentId, { revision, updatedAt }) => {
      const revisions = kept.get(environmentId) ?? [];
      kept.delete(environmentId);
      kept.set(environmentId, revisions);
      revisions.push({ revision, updatedAt });
      if (revisions.length > MAX_REVISIONS) revisions.shift();
      if (kept.size > MAX_ENVIRONMENTS) for (const oldest of kept.keys()) if (kept.delete(oldest)) break;
    },
    since: (environmentId, last, current) => {
      if (last === current.revision) return [];
      const revisions = kept.get(environmentId) ?? [];
      const [oldest = current] = revisions;
      // The first that is kept follows the one before it; what lies further back has been forgotten.
      if (last > current.revision || last < oldest.revision - 1) return undefined;
      const missed = revisions.filter(({ revision }) => revision > last && revision < current.revision);
      return [...missed, current];
    },
  };
}
