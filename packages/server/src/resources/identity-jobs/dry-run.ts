/** What a job would do, counted without doing it. */
import type { DryRun, JobProblem } from "@burgee/contract/admin";
import { badRequest } from "../../http/admin-door.ts";
import { countOverridden, countPatched, countUnlike, type TargetRow } from "./bulk.store.ts";
import type { FeatureRow } from "./features.store.ts";
import type { IdentityJobDeps, OverTargets } from "./job-batches.ts";
import { type OverrideSpec, rowFor } from "./override-spec.ts";
import { nextTargets } from "./targets.ts";
import type { DeleteTraitPayload, SetTraitsPayload } from "./trait-jobs.ts";

const LIMIT_MS = 20_000;
const MAX_PROBLEMS = 100;
/** Reading only, a batch may be larger. */
const ROWS = 2_000;

interface Effect {
  readonly create?: number;
  readonly change?: number;
  readonly remove?: number;
}
type Count = (rows: readonly TargetRow[]) => Promise<Effect>;

type Counts = Omit<DryRun, "type" | "dry_run">;

async function countOver(deps: IdentityJobDeps, { place, targets }: OverTargets, effectOf: Count): Promise<Counts> {
  const sums = { matched: 0, would_create: 0, would_change: 0, would_delete: 0 };
  const problems: JobProblem[] = [];
  const until = deps.now() + LIMIT_MS;
  let at: number | null = 0;
  while (at !== null) {
    const found = await nextTargets(deps, place.environmentId, targets, at, ROWS);
    for (const identifier of found.missing) {
      if (problems.length < MAX_PROBLEMS) problems.push({ identifier, message: "There is no such identity." });
    }
    const { create = 0, change = 0, remove = 0 } = found.rows.length > 0 ? await effectOf(found.rows) : {};
    sums.matched += found.rows.length;
    sums.would_create += create;
    sums.would_change += change;
    sums.would_delete += remove;
    at = found.next;
    if (at !== null && deps.now() > until) {
      problems.unshift({ message: `Counting was ended after ${LIMIT_MS / 1000} seconds: there are more.` });
      break;
    }
  }
  const unchanged = sums.matched - sums.would_create - sums.would_change - sums.would_delete;
  return { ...sums, unchanged, problems };
}

const idsOf = (rows: readonly TargetRow[]): number[] => rows.map((row) => row.id);
const overridden = (rows: readonly TargetRow[]) => rows.filter((row) => row.has_overrides === 1);

/** By type of job; a type that only reads has no dry run. */
export async function dryRun(deps: IdentityJobDeps, type: string, payload: object): Promise<Counts> {
  const { db } = deps;
  const over = payload as OverTargets;
  const { capabilities, kysely } = db;
  const { environmentId } = over.place;
  switch (type) {
    case "set_override": {
      const { feature, spec } = payload as { feature: FeatureRow; spec: OverrideSpec };
      const wanted = rowFor("", feature.id, spec);
      return countOver(deps, over, async (rows) => {
        const ids = idsOf(overridden(rows));
        if (ids.length === 0) return { create: rows.length };
        const held = await countOverridden(kysely, capabilities, environmentId, feature.id, ids);
        const change = await countUnlike(kysely, capabilities, environmentId, ids, wanted, spec.given);
        return { create: rows.length - held, change };
      });
    }
    case "remove_override": {
      const { feature } = payload as { feature: FeatureRow };
      return countOver(deps, over, async (rows) => {
        const ids = idsOf(overridden(rows));
        const held = ids.length > 0 ? await countOverridden(kysely, capabilities, environmentId, feature.id, ids) : 0;
        return { remove: held };
      });
    }
    case "set_traits": {
      const { patch } = payload as SetTraitsPayload;
      return countOver(deps, over, async (rows) => ({
        change: await countPatched(kysely, capabilities, environmentId, idsOf(rows), patch),
      }));
    }
    case "delete_trait": {
      const { place, key } = payload as DeleteTraitPayload;
      const patch = JSON.stringify({ [key]: null });
      return countOver(deps, { place, targets: { all: true } }, async (rows) => ({
        change: await countPatched(kysely, capabilities, environmentId, idsOf(rows), patch),
      }));
    }
    case "delete_identities":
      return countOver(deps, over, async (rows) => ({ remove: rows.length }));
    default:
      throw badRequest({ dry_run: ["This type of job changes nothing, so that there is nothing to try."] });
  }
}
