/** What Flagsmith's routes do to an identity's overrides, each as one commit. */
import type { OverrideInput, OverridePatch } from "@burgee/contract/admin";
import { type AuditEntry, identitySubject, type RequestInfo } from "../../changes/commit.ts";
import { applies } from "../../documents/states.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import { entry, type IdentityAdminDeps, type IdentityScope } from "./admin-scope.ts";
import type { AdminIdentity, Database } from "./identities-admin.store.ts";
import { readValues } from "./override-values.ts";
import {
  deleteOverride,
  findFeature,
  findOverride,
  insertOverride,
  listOverrides,
  type OverriddenFeature,
  type OverrideRecord,
  type OverrideValues,
  updateOverride,
} from "./overrides.store.ts";
import { auditedOverride, variantsOf } from "./present-override.ts";

const notFound = () => new AppError("not_found");

/** The feature has to be the project's: another's is none. */
async function featureOf(db: Database, { project }: IdentityScope, id: number): Promise<OverriddenFeature> {
  const feature = await findFeature(db, project.id, id);
  if (!feature) throw badRequest({ feature: [`Invalid pk "${id}" - object does not exist.`] });
  return feature;
}

/** In the sentence too: it says why. */
const reasonGiven = (before: OverrideRecord | null, after: OverrideRecord | null): string =>
  after?.reason && after.reason !== before?.reason ? `: ${after.reason}` : "";

export function overrideEntry(
  scope: IdentityScope,
  feature: Pick<OverriddenFeature, "id" | "name">,
  [before, after]: readonly [OverrideRecord | null, OverrideRecord | null],
): AuditEntry {
  const { identity } = scope;
  const action = before && after ? "UPDATE" : after ? "CREATE" : "DELETE";
  const done = { CREATE: "set", UPDATE: "changed", DELETE: "removed" }[action];
  return entry(scope, identity.identifier, {
    action,
    objectType: "identity_override",
    objectId: (after ?? before)?.id ?? 0,
    log: `Override of ${feature.name} ${done} for identity ${identity.identifier}${reasonGiven(before, after)}`,
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
    const written = { by: audited.actor, now: now() };
    // One that has ended is none to clients that know no end.
    if (held && applies(held, written.now)) throw badRequest({ detail: "Feature state already exists." });
    const values = await readValues(trx, feature.id, body, undefined, written.now);
    const after = held
      ? await updateOverride(trx, held, values, written)
      : await insertOverride(trx, scope.identity, feature.id, values, written);
    return {
      result: after,
      entries: [overrideEntry(scope, feature, [held ?? null, after])],
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
    const written = { by: audited.actor, now: now() };
    const values = await readValues(trx, feature.id, body, before, written.now);
    const after = await updateOverride(trx, before, values, written);
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

const sharesOf = (row: OverrideRecord) =>
  variantsOf(row).map(({ option_id, percentage_allocation }) => ({ option_id, percentage_allocation }));

/** What an override is, to be laid down elsewhere. */
export const valuesOf = (row: OverrideRecord): OverrideValues => ({
  enabled: row.enabled === 1,
  value: row.value,
  variants: sharesOf(row),
  reason: row.reason,
  expires_at: row.expires_at,
});

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
    const written = { by: audited.actor, now: now() };
    const wanted = (await listOverrides(trx, source)).filter((row) => applies(row, written.now));
    const held = await listOverrides(trx, identity);
    for (const row of held) await deleteOverride(trx, identity, row.id);
    for (const row of wanted) {
      await insertOverride(trx, identity, row.feature_id, valuesOf(row), written);
    }
    const made = entry(scope, identity.identifier, {
      action: "UPDATE",
      objectType: "identity",
      objectId: identity.id,
      log: `Overrides of identity ${identity.identifier} replaced by those of ${source.identifier}`,
      before: held.map((row) => auditedOverride(row, identity.id)),
      after: (await listOverrides(trx, identity)).map((row) => auditedOverride(row, identity.id)),
      subjects: [
        { type: "identity", id: identitySubject(scope.environment.id, source.identifier) },
        ...[...held, ...wanted].map((row) => ({ type: "feature", id: String(row.feature_id) })),
      ],
    });
    return { result: undefined, entries: [made], environments: [scope.environment.id] };
  });
