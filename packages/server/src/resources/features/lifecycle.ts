/**
 * In which stage of its life a feature is. Flagsmith asks for references in source code; here it is whether the feature was
 * touched and evaluated within the project's limit for stale flags.
 */
import type { LifecycleStage } from "@burgee/contract/admin";
import type { Kysely } from "kysely";
import type { Tables } from "../../db/tables.ts";
import { type LifecycleScope, lastModified, permanent, usedSince } from "./lifecycle.store.ts";

export const DAY_MS = 86_400_000;

export interface Lifecycle {
  /** When any state of it changed; null where it has none. */
  modified(featureId: number): number | null;
  stage(featureId: number): LifecycleStage;
}

/** `environmentId` narrows where use is looked for. */
export async function readLifecycle(
  db: Kysely<Tables>,
  scope: LifecycleScope & { readonly staleDays: number },
  now: number,
): Promise<Lifecycle> {
  const since = now - scope.staleDays * DAY_MS;
  const [modified, used, kept] = await Promise.all([
    lastModified(db, { ...scope, environmentId: undefined }),
    usedSince(db, scope, Math.floor(since / DAY_MS)),
    permanent(db, scope.projectId),
  ]);
  return {
    modified: (id) => modified.get(id) ?? null,
    stage: (id) => {
      if (kept.has(id)) return "permanent";
      const isOld = (modified.get(id) ?? 0) < since;
      if (isOld) return used.has(id) ? "needs_monitoring" : "to_remove";
      return used.has(id) ? "live" : "new";
    },
  };
}
