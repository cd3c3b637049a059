/** Identities deleted in numbers: those that somebody names, and those that were not seen for too long. */
import type { JobHandler, JobOutcome } from "../../jobs/job.ts";
import { deleteIdentities } from "./bulk.store.ts";
import {
  createBatches,
  type IdentityJobDeps,
  type JobPlace,
  manyIdentities,
  type OverTargets,
  overTargets,
  tellEnd,
} from "./job-batches.ts";

export interface RetentionPayload {
  readonly place: JobPlace;
  readonly days: number;
  /** Days since 1970: whoever was seen then or later stays. */
  readonly unseenSince: number;
}

export function createDeleteIdentities(deps: IdentityJobDeps): JobHandler {
  return {
    run: async (task): Promise<JobOutcome> => {
      const payload = task.payload as OverTargets;
      const { place } = payload;
      const batches = createBatches(task, deps, place);
      await overTargets(task, deps, payload, ({ rows, progress }) =>
        batches.commit(async (trx) => {
          const ids = rows.map((row) => row.id);
          if (ids.length === 0) return { progress: progress(0) };
          const gone = await deleteIdentities(trx, deps.db.capabilities, place.environmentId, ids);
          if (gone.identifiers.length === 0) return { progress: progress(0) };
          const log = `${manyIdentities(gone.identifiers.length)} deleted`;
          const told = { action: "DELETE" as const, log, identifiers: gone.identifiers };
          return { progress: progress(gone.identifiers.length), told, movesFlags: gone.overrides > 0 };
        }),
      );
      return { summary: `${manyIdentities(task.counts().changed)} deleted.` };
    },
    ended: (task, how) => {
      const { place } = task.payload as OverTargets;
      const log = `A job deleted ${manyIdentities(task.counts().changed)} of ${place.environmentName}`;
      return tellEnd(task, deps, place, how, { action: "DELETE", log, movesFlags: true });
    },
  };
}

/** The days are those of when it was asked for: who comes back before their turn stays. */
export function createRetention(deps: IdentityJobDeps): JobHandler {
  return {
    run: async (task): Promise<JobOutcome> => {
      const { place, unseenSince } = task.payload as RetentionPayload;
      const batches = createBatches(task, deps, place);
      await overTargets(task, deps, { place, targets: { all: true, unseenSince } }, ({ rows, progress }) =>
        batches.commit(async (trx) => {
          const ids = rows.map((row) => row.id);
          if (ids.length === 0) return { progress: progress(0) };
          const gone = await deleteIdentities(trx, deps.db.capabilities, place.environmentId, ids, unseenSince);
          if (gone.identifiers.length === 0) return { progress: progress(0) };
          const log = `${manyIdentities(gone.identifiers.length)} deleted, unseen for too long`;
          const told = { action: "DELETE" as const, log, identifiers: gone.identifiers };
          return { progress: progress(gone.identifiers.length), told, movesFlags: gone.overrides > 0 };
        }),
      );
      return { summary: `${manyIdentities(task.counts().changed)} deleted.` };
    },
    ended: async (task, how) => {
      const { place, days } = task.payload as RetentionPayload;
      const { changed } = task.counts();
      const log = `${manyIdentities(changed)} of ${place.environmentName} deleted, unseen for ${days} days`;
      await tellEnd(task, deps, place, how, { action: "DELETE", log, after: { days }, movesFlags: true });
    },
  };
}
