/** What the hosted service's paths do to overrides, each as one commit; the identity's row is its lock. */
import { type EdgeOverrideInput, noSuchRow } from "@burgee/contract/admin";
import type { EnvironmentScope } from "../../access/access.ts";
import type { RequestInfo } from "../../changes/commit.ts";
import { applies } from "../../documents/states.ts";
import { badRequest } from "../../http/admin-door.ts";
import type { IdentityAdminDeps } from "./admin-scope.ts";
import { createdEntry, ensureRecord, lockRecord } from "./by-identifier.ts";
import type { Database } from "./identities-admin.store.ts";
import { overrideEntry } from "./override-changes.ts";
import { readValues } from "./override-values.ts";
import {
  deleteOverride,
  findFeatureBy,
  insertOverride,
  listOverrides,
  type OverriddenFeature,
  type OverrideRecord,
  updateOverride,
} from "./overrides.store.ts";

/** The feature has to be the project's: another's is none. */
export async function featureNamed(
  db: Database,
  { project }: EnvironmentScope,
  reference: number | string,
): Promise<OverriddenFeature> {
  const feature = await findFeatureBy(db, project.id, String(reference));
  if (!feature) throw badRequest({ feature: [noSuchRow(reference)] });
  return feature;
}

/** What the body leaves out stays, of an override that applies; it may be said again. */
export const putEdgeOverride = (
  deps: IdentityAdminDeps,
  scope: EnvironmentScope,
  audited: RequestInfo,
  body: EdgeOverrideInput,
): Promise<OverrideRecord> =>
  deps.changes.commit(audited, async (trx) => {
    const feature = await featureNamed(trx, scope, body.feature);
    const { row: identity, isNew } = await ensureRecord(deps, trx, scope, body.identifier);
    const [held] = await listOverrides(trx, identity, feature.id);
    const written = { by: audited.actor, now: deps.now() };
    const before = held && applies(held, written.now) ? held : undefined;
    const values = await readValues(trx, feature.id, { ...body, feature: feature.id }, before, written.now);
    const after = held
      ? await updateOverride(trx, held, values, written)
      : await insertOverride(trx, identity, feature.id, values, written);
    const made = overrideEntry({ ...scope, identity }, feature, [held ?? null, after]);
    const entries = isNew ? [createdEntry(scope, identity), made] : [made];
    return { result: after, entries, environments: [scope.environment.id] };
  });

export const dropEdgeOverride = (
  deps: IdentityAdminDeps,
  scope: EnvironmentScope,
  audited: RequestInfo,
  target: Pick<EdgeOverrideInput, "identifier" | "feature">,
): Promise<void> =>
  deps.changes.commit(audited, async (trx) => {
    const feature = await featureNamed(trx, scope, target.feature);
    const identity = await lockRecord(deps, trx, scope, target.identifier);
    const [before] = identity ? await listOverrides(trx, identity, feature.id) : [];
    if (!identity || !before) return { result: undefined, entries: [] };
    await deleteOverride(trx, identity, before.id);
    const entries = [overrideEntry({ ...scope, identity }, feature, [before, null])];
    return { result: undefined, entries, environments: [scope.environment.id] };
  });
