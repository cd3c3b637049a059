/** Once a day, for each environment that keeps identities for a time only, a job that deletes those not seen for longer. */
import type { Db } from "../../db/database.ts";
import type { Jobs } from "../../jobs/jobs.ts";
import type { RetentionPayload } from "./delete-jobs.ts";
import { listRetentions } from "./retention.store.ts";

const DAY_MS = 86_400_000;
const EVERY_MS = 3_600_000;

/** Days since 1970. When somebody was seen is kept by the day, so that a day more is left. */
export const firstDayKept = (now: number, days: number): number => Math.floor(now / DAY_MS) - days;

export interface RetentionDeps {
  readonly db: Db;
  readonly jobs: Jobs;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Asked more than once a day, or by more than one node, it adds nothing. */
export async function addRetentionJobs({ db, jobs, now }: RetentionDeps): Promise<void> {
  const today = Math.floor(now() / DAY_MS);
  for (const { id, name, days, project_id, organisation_id } of await listRetentions(db.kysely)) {
    if (days === null) continue;
    const place = { organisationId: organisation_id, projectId: project_id, environmentId: id, environmentName: name };
    const payload: RetentionPayload = { place, days, unseenSince: firstDayKept(now(), days) };
    await jobs.add({
      type: "retention",
      organisationId: organisation_id,
      environmentId: id,
      payload,
      asker: { actor: "retention", name: "Retention", requestId: null },
      uniqueKey: `retention ${id} ${today}`,
    });
  }
}

/** Returns how to stop. */
export function startRetention(deps: RetentionDeps, onError: (error: unknown) => void): () => void {
  const timer = setInterval(() => void addRetentionJobs(deps).catch(onError), EVERY_MS);
  timer.unref?.();
  return () => clearInterval(timer);
}
