/** What has to be done now and then while the server runs. */
import { forgetExpired } from "./accounts/forget-expired.ts";
import type { Db } from "./db/database.ts";
import { createEventsStore } from "./resources/events/events.store.ts";
import { forgetUsage } from "./resources/usage/usage.store.ts";

const EVERY_MS = 6 * 60 * 60 * 1000;
const KEEP_EVENTS_MS = 90 * 24 * 60 * 60 * 1000;
/** As far as the longest chart goes, and a little more. */
const KEEP_USAGE_DAYS = 400;

/** Returns how to stop. Not at once: a start has better things to do. */
export function startMaintenance(db: Db, now: () => number, warn: (error: unknown) => void): () => void {
  const events = createEventsStore(db, now);
  const run = () => {
    events.forget(KEEP_EVENTS_MS).catch(warn);
    forgetUsage(db, now, KEEP_USAGE_DAYS).catch(warn);
    forgetExpired(db.kysely, now()).catch(warn);
  };
  const timer = setInterval(run, EVERY_MS);
  timer.unref?.();
  return () => clearInterval(timer);
}
