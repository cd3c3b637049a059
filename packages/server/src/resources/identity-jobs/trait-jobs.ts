/** Traits of many identities. They are data: no revision moves. */
import type { JobHandler, JobOutcome } from "../../jobs/job.ts";
import { patchTraits } from "./bulk.store.ts";
import {
  createBatches,
  type IdentityJobDeps,
  type JobPlace,
  manyIdentities,
  type OverTargets,
  overTargets,
  tellEnd,
} from "./job-batches.ts";

export interface SetTraitsPayload extends OverTargets {
  /** JSON object; null members take traits away. Text, so that 2.0 stays 2.0. */
  readonly patch: string;
  readonly keys: readonly string[];
}

export interface DeleteTraitPayload {
  readonly place: JobPlace;
  readonly key: string;
}

const listed = (keys: readonly string[]): string =>
  keys.length === 1 ? `Trait ${keys[0]}` : `Traits ${keys.slice(0, 10).join(", ")}${keys.length > 10 ? ", …" : ""}`;

export function createSetTraits(deps: IdentityJobDeps): JobHandler {
  const { db } = deps;
  return {
    run: async (task): Promise<JobOutcome> => {
      const payload = task.payload as SetTraitsPayload;
      const { place, patch, keys } = payload;
      const batches = createBatches(task, deps, place);
      await overTargets(task, deps, payload, ({ rows, progress }) =>
        batches.commit(async (trx) => {
          const ids = rows.map((row) => row.id);
          const changed =
            ids.length > 0 ? await patchTraits(trx, db.capabilities, place.environmentId, ids, patch) : [];
          if (changed.length === 0) return { progress: progress(0) };
          const log = `${listed(keys)} changed for ${manyIdentities(changed.length)}`;
          const told = { action: "UPDATE" as const, log, after: { traits: JSON.parse(patch) }, identifiers: changed };
          return { progress: progress(changed.length), told };
        }),
      );
      return { summary: `${listed(keys)} changed for ${manyIdentities(task.counts().changed)}.` };
    },
    ended: (task, how) => {
      const { place, patch, keys } = task.payload as SetTraitsPayload;
      return tellEnd(task, deps, place, how, {
        action: "UPDATE",
        log: `A job changed ${listed(keys).toLowerCase()} for ${manyIdentities(task.counts().changed)}`,
        after: { traits: JSON.parse(patch) },
        movesFlags: false,
      });
    },
  };
}

/** Nothing about single identities is kept of it: what is taken from everybody is to be gone. */
export function createDeleteTrait(deps: IdentityJobDeps): JobHandler {
  const { db } = deps;
  return {
    run: async (task): Promise<JobOutcome> => {
      const { place, key } = task.payload as DeleteTraitPayload;
      const patch = JSON.stringify({ [key]: null });
      const batches = createBatches(task, deps, place);
      await overTargets(task, deps, { place, targets: { all: true } }, ({ rows, progress }) =>
        batches.commit(async (trx) => {
          const ids = rows.map((row) => row.id);
          const changed =
            ids.length > 0 ? await patchTraits(trx, db.capabilities, place.environmentId, ids, patch) : [];
          return { progress: progress(changed.length) };
        }),
      );
      return { summary: `Trait ${key} removed from ${manyIdentities(task.counts().changed)}.` };
    },
    ended: (task, how) => {
      const { place, key } = task.payload as DeleteTraitPayload;
      return tellEnd(task, deps, place, how, {
        action: "DELETE",
        log: `Trait ${key} removed from ${manyIdentities(task.counts().changed)} of ${place.environmentName}`,
        after: { key },
        movesFlags: false,
      });
    },
  };
}
