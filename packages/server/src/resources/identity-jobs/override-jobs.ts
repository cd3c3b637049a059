/** Overrides of one feature, set or removed for many identities. */
import type { Transaction } from "kysely";
import type { Tables } from "../../db/tables.ts";
import { JobFailure, type JobHandler, type JobOutcome } from "../../jobs/job.ts";
import { removeOverrides, writeOverrides } from "./bulk.store.ts";
import type { FeatureRow } from "./features.store.ts";
import {
  createBatches,
  type IdentityJobDeps,
  manyIdentities,
  type OverTargets,
  overTargets,
  tellEnd,
} from "./job-batches.ts";
import { type OverrideSpec, rowFor } from "./override-spec.ts";

export interface RemoveOverridePayload extends OverTargets {
  readonly feature: FeatureRow;
}

export interface SetOverridePayload extends RemoveOverridePayload {
  readonly spec: OverrideSpec;
}

/** Kept from being deleted until the batch is committed: it would leave overrides of nothing. */
export async function holdFeature({ db }: IdentityJobDeps, trx: Transaction<Tables>, id: number): Promise<void> {
  const query = trx.selectFrom("features").select("id").where("id", "=", id);
  const row = await (db.capabilities.multiNode ? query.forKeyShare() : query).executeTakeFirst();
  if (!row) throw new JobFailure("The feature was deleted meanwhile.");
}

const shown = ({ enabled, value, given, reason, expiresAt }: OverrideSpec) => ({
  ...(given.enabled ? { enabled: enabled === 1 } : {}),
  ...(given.value ? { value: JSON.parse(value) as unknown } : {}),
  ...(given.reason ? { reason } : {}),
  ...(given.expiresAt ? { expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString() } : {}),
});

export function createSetOverride(deps: IdentityJobDeps): JobHandler {
  return {
    run: async (task): Promise<JobOutcome> => {
      const payload = task.payload as SetOverridePayload;
      const { place, feature, spec } = payload;
      const batches = createBatches(task, deps, place);
      await overTargets(task, deps, payload, ({ rows, progress }) =>
        batches.commit(async (trx) => {
          if (rows.length === 0) return { progress: progress(0) };
          await holdFeature(deps, trx, feature.id);
          const written = await writeOverrides(trx, deps.db.capabilities, {
            environmentId: place.environmentId,
            rows: rows.map((row) => rowFor(row.identifier, feature.id, spec)),
            given: spec.given,
            by: task.job.actor,
            now: deps.now(),
          });
          if (written.length === 0) return { progress: progress(0) };
          const told = {
            action: "UPDATE" as const,
            log: `Override of ${feature.name} set for ${manyIdentities(written.length)}`,
            after: { feature: feature.name, ...shown(spec) },
            identifiers: written,
            featureId: feature.id,
          };
          return { progress: progress(written.length), told, movesFlags: true };
        }),
      );
      const { changed } = task.counts();
      return { summary: `Override of ${feature.name} set for ${manyIdentities(changed)}.` };
    },
    ended: (task, how) => {
      const { place, feature, spec } = task.payload as SetOverridePayload;
      return tellEnd(task, deps, place, how, {
        action: "UPDATE",
        log: `A job set the override of ${feature.name} for ${manyIdentities(task.counts().changed)}`,
        after: { feature: feature.name, ...shown(spec) },
        featureId: feature.id,
        movesFlags: true,
      });
    },
  };
}

export function createRemoveOverride(deps: IdentityJobDeps): JobHandler {
  return {
    run: async (task): Promise<JobOutcome> => {
      const payload = task.payload as RemoveOverridePayload;
      const { place, feature } = payload;
      const batches = createBatches(task, deps, place);
      await overTargets(task, deps, payload, ({ rows, progress }) =>
        batches.commit(async (trx) => {
          const overridden = rows.filter((row) => row.has_overrides === 1).map((row) => row.identifier);
          if (overridden.length === 0) return { progress: progress(0) };
          const gone = await removeOverrides(trx, deps.db.capabilities, place.environmentId, feature.id, overridden);
          if (gone.length === 0) return { progress: progress(0) };
          const told = {
            action: "DELETE" as const,
            log: `Override of ${feature.name} removed from ${manyIdentities(gone.length)}`,
            after: { feature: feature.name },
            identifiers: gone,
            featureId: feature.id,
          };
          return { progress: progress(gone.length), told, movesFlags: true };
        }),
      );
      return { summary: `Override of ${feature.name} removed from ${manyIdentities(task.counts().changed)}.` };
    },
    ended: (task, how) => {
      const { place, feature } = task.payload as RemoveOverridePayload;
      return tellEnd(task, deps, place, how, {
        action: "DELETE",
        log: `A job removed the override of ${feature.name} from ${manyIdentities(task.counts().changed)}`,
        after: { feature: feature.name },
        featureId: feature.id,
        movesFlags: true,
      });
    },
  };
}
