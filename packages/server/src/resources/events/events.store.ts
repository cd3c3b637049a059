/** Events of SDKs: added through the hot lane, forgotten after a while. */
import type { Db } from "../../db/database.ts";

export interface StoredEvent {
  readonly event: string;
  readonly featureName: string | null;
  readonly identifier: string | null;
  /** JSON text, as are traits and metadata. */
  readonly value: string | null;
  readonly traits: string | null;
  readonly metadata: string | null;
  /** Milliseconds since 1970, as the client says. */
  readonly timestamp: number;
}

export interface EventsStore {
  /** Resolves when all are durable. */
  add(environmentId: number, events: readonly StoredEvent[]): Promise<void>;
  /** Deletes what was received before `now` minus `keepMs`, in steps. Returns how many. */
  forget(keepMs: number): Promise<number>;
}

const ADD =
  "INSERT INTO events (environment_id, received_at, occurred_at, event, feature_name, identifier, value, traits, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
const FORGET =
  "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE received_at < ? ORDER BY received_at LIMIT 2000) RETURNING id";

export function createEventsStore(db: Db, now: () => number): EventsStore {
  return {
    add: async (environmentId, events) => {
      const received = now();
      await Promise.all(
        events.map((e) =>
          db.lane.write(ADD, [
            environmentId,
            received,
            Math.trunc(e.timestamp),
            e.event,
            e.featureName,
            e.identifier,
            e.value,
            e.traits,
            e.metadata,
          ]),
        ),
      );
    },
    forget: async (keepMs) => {
      let total = 0;
      for (;;) {
        const gone = await db.lane.write<{ id: number }>(FORGET, [now() - keepMs]);
        total += gone.length;
        if (gone.length === 0) return total;
      }
    },
  };
}
