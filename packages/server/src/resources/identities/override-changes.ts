/** What is done to an identity's overrides, each as one commit. */
import type { OverrideInput, OverridePatch } from "@burgee/contract/admin";
import type { AuditEntry, RequestInfo } from "../../changes/commit.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import { entry, type IdentityAdminDeps, type IdentityScope } from "./admin-scope.ts";
import {
  type AdminIdentity,
  type Database,
  deleteOverride,
  findFeature,
  findOverride,
  insertOverride,
  listOverrides,
  type OverrideRecord,
  updateOverride,
} from "./identities-admin.store.ts";
import { readValues } from "./override-values.ts";
import { auditedOverride, variantsOf } from "./present-override.ts";

export interface OverriddenFeature {
  readonly id: number;
  readonly name: string;
}

const notFound = () => new AppError("not_found");

/** The feature has to be the project's: another's is none. */
async function featureOf(db: Database, { project }: IdentityScope, id: number): Promise<OverriddenFeature> {
  const feature = await findFeature(db, project.id, id);
  if (!feature) throw badRequest({ feature: [`Invalid pk "${id}" - object does not exist.`] });
  return feature;
}

export function overrideEntry(
  scope: IdentityScope,
  feature: OverriddenFeature,
  [before, after]: readonly [OverrideRecord | null, OverrideRecord | null],
): AuditEntry {
  const { identity } = scope;
  const action = before && after ? "UPDATE" : after ? "CREATE" : "DELETE";
  const done = { CREATE: "set", UPDATE: "changed", DELETE: "removed" }[action];
  return entry(scope, identity.identifier, {
    action,
    objectType: "identity_override",
    objectId: (after ?? before)?.id ?? 0,
    log: `Override of ${feature.name} ${done} for identity ${identity.identifier}`,
    before: before && auditedOverride(before, identity.id),
    after: after && auditedOverride(after, identity.id),
    subjects: [{ type: "feature", id: String(feature.id) }],
  });
}

export const addOverride = (
  { changes, now }: IdentityAdminDeps,
  scope: IdentityScope,
  audited: RequestInfo,
  body: OverrideInput,
): Promise<OverrideRecord> =>
  changes.commit(audited, async (trx) => {
    const feature = await featureOf(trx, scope, body.feature);
    const [held] = await listOverrides(trx, scope.identity, feature.id);
    if (held) throw badRequest({ detail: "Feature state already exists." });
    const values = await readValues(trx, feature.id, body);
    const after = await insertOverride(trx, scope.identity, feature.id, values, now());
    return {
      result: after,
      entries: [overrideEntry(scope, feature, [null, after])],
      environments: [scope.environment.id],
    };
  });

export const changeOverride = (
  { changes, now }: IdentityAdminDeps,
  scope: IdentityScope,
  audited: RequestInfo,
  id: number,
  body: OverridePatch,
): Promise<OverrideRecord> =>
  changes.commit(audited, async (trx) => {
    const before = await findOverride(trx, scope.identity, id);
    if (!before) throw notFound();
    if (body.feature !== undefined && body.feature !== before.feature_id) {
      throw badRequest({ feature: ["Cannot change the feature of a feature state"] });
    }
    const feature = await featureOf(trx, scope, before.feature_id);
    const after = await updateOverride(trx, before, await readValues(trx, feature.id, body, before), now());
    const entries = [overrideEntry(scope, feature, [before, after])];
    return { result: after, entries, environments: [scope.environment.id] };
  });

export const removeOverride = (
  { changes }: IdentityAdminDeps,
  scope: IdentityScope,
  audited: RequestInfo,
  id: number,
): Promise<void> =>
  changes.commit(audited, async (trx) => {
    const before = await findOverride(trx, scope.identity, id);
    if (!before) throw notFound();
    const feature = await featureOf(trx, scope, before.feature_id);
    await deleteOverride(trx, scope.identity, before.id);
    const entries = [overrideEntry(scope, feature, [before, null])];
    return { result: undefined, entries, environments: [scope.environment.id] };
  });

const shares = (row: OverrideRecord) =>
  variantsOf(row).map(({ option_id, percentage_allocation }) => ({ option_id, percentage_allocation }));

/** Gives the identity exactly the overrides of another one of its environment. */
export const cloneOverrides = (
  { changes, now }: IdentityAdminDeps,
  scope: IdentityScope,
  source: AdminIdentity,
  audited: RequestInfo,
): Promise<void> =>
  changes.commit(audited, async (trx) => {
    const { identity } = scope;
    if (source.identifier === identity.identifier) return { result: undefined, entries: [] };
    const wanted = await listOverrides(trx, source);
    const held = await listOverrides(trx, identity);
    for (const row of held) await deleteOverride(trx, identity, row.id);
    for (const row of wanted) {
      const values = { enabled: row.enabled === 1, value: row.value, variants: shares(row) };
      await insertOverride(trx, identity, row.feature_id, values, now());
    }
    const made = entry(scope, identity.identifier, {
      action: "UPDATE",
      objectType: "identity",
      objectId: identity.id,
      log: `Overrides of identity ${identity.identifier} replaced by those of ${source.identifier}`,
      before: held.map((row) => auditedOverride(row, identity.id)),
      after: (await listOverrides(trx, identity)).map((row) => auditedOverride(row, identity.id)),
      subjects: [...held, ...wanted].map((row) => ({ type: "feature", id: String(row.feature_id) })),
    });
    return { result: undefined, entries: [made], environments: [scope.environment.id] };
  });
