/**
 * Notices that another node has gone without a word. Between a write and telling of it lies a moment in which a node can be killed, and
 * nobody else knows what it owed: so whoever listens is told to look again.
 */

export interface PeersDeps {
  /** Whether anybody here or elsewhere listens to an identity: only then there is something to owe. */
  readonly isNeeded: () => boolean;
  /** Tells the others that this node is there. */
  readonly beat: () => void;
  /** A node is gone that took no leave. */
  readonly onLoss: () => void;
  readonly beatMs?: number;
}

export interface Peers {
  /** Of any message, our own too: one that comes back says that we hear. */
  heard(from: string): void;
  /** It takes its leave, and owes nothing. */
  left(from: string): void;
  close(): void;
}

const BEAT_MS = 1000;
/** A node that only stood still for so long costs its listeners a look, no more. */
const MISSED_BEATS = 5;

export function createPeers(self: string, { isNeeded, beat, onLoss, beatMs = BEAT_MS }: PeersDeps): Peers {
  const heardAt = new Map<string, number>();

  const look = (): void => {
    if (!isNeeded()) {
      heardAt.clear();
      return;
    }
    beat();
    const now = performance.now();
    // Who hears nothing of himself hears nobody; when he does again, all are told to look again anyway.
    if (now - (heardAt.get(self) ?? 0) > 2 * beatMs) return;
    for (const [peer, at] of heardAt) {
      if (now - at < MISSED_BEATS * beatMs) continue;
      heardAt.delete(peer);
      onLoss();
    }
  };
  const timer = setInterval(look, beatMs);
  timer.unref?.();

  return {
    heard: (from) => void heardAt.set(from, performance.now()),
    left: (from) => void heardAt.delete(from),
    close: () => clearInterval(timer),
  };
}
