/** Makes events of what the database noted about identities. At a bounded pace: what changes again meanwhile is told once. */
import type { Db } from "../../db/database.ts";
import { listListeners } from "./events.store.ts";
import { identityEventsOf } from "./identity-events.ts";
import { hasMarks, takeMarks } from "./marks.store.ts";
import { enqueue } from "./outbox.ts";

export interface MarkTellerDeps {
  readonly db: Db;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface MarkTeller {
  /** Returns how many identities and overrides it told of; `atOnce`: whatever the pace. */
  tell(atOnce?: boolean): Promise<number>;
}

/** A node tells of so many identities and overrides, and no more often than this. */
const MARKS_EACH = 250;
const EVERY_MS = 1000;

export function createMarkTeller({ db, now }: MarkTellerDeps): MarkTeller {
  let toldAt = Number.NEGATIVE_INFINITY;

  const tellOnce = () =>
    db.kysely.transaction().execute(async (trx) => {
      const marks = await takeMarks(db, trx, MARKS_EACH);
      if (marks.length === 0) return 0;
      const events = await identityEventsOf(trx, marks, now());
      const organisations = [...new Set(events.map((event) => event.organisationId))];
      if (organisations.length === 0) return marks.length;
      await enqueue(trx, await listListeners(trx, organisations), events, now());
      return marks.length;
    });

  return {
    tell: async (atOnce = false) => {
      if ((!atOnce && now() - toldAt < EVERY_MS) || !(await hasMarks(db.kysely))) return 0;
      toldAt = now();
      return tellOnce();
    },
  };
}
