/** What Burgee's own routes do to overrides, each as one commit; the identity's row is its lock. */
import type { IdentityOverrideInput, OverridesCloneInput } from "@burgee/contract/admin";
import type { EnvironmentScope } from "../../access/access.ts";
import { type AuditEntry, identitySubject, type RequestInfo } from "../../changes/commit.ts";
import { applies } from "../../documents/states.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import { assertPrecondition, type Tagged } from "../../http/precondition.ts";
import { readNames } from "./actors.store.ts";
import { entry, type IdentityAdminDeps } from "./admin-scope.ts";
import { createdEntry, ensureRecord, findRecord, lockRecord } from "./by-identifier.ts";
import type { AdminIdentity, Database } from "./identities-admin.store.ts";
import { overrideEntry, valuesOf } from "./override-changes.ts";
import {
  deleteOverride,
  findDefault,
  findFeatureBy,
  insertOverride,
  listOptions,
  listOverrides,
  type OverriddenFeature,
  type OverrideRecord,
  updateOverride,
  type Written,
} from "./overrides.store.ts";
import { type ShownFeature, sameContent, tagOverride } from "./present-identity-override.ts";
import { auditedOverride } from "./present-override.ts";
import { keepsDraw, wantedOverride } from "./wanted-override.ts";

export interface OverrideCall {
  readonly scope: EnvironmentScope;
  readonly identifier: string;
  readonly audited: RequestInfo;
  readonly request: Request;
}

const notFound = () => new AppError("not_found");

export async function shownFeature(
  db: Database,
  { project }: EnvironmentScope,
  reference: string,
): Promise<ShownFeature> {
  const feature = await findFeatureBy(db, project.id, reference);
  if (!feature) throw notFound();
  return { ...feature, options: await listOptions(db, feature.id) };
}

/** As it is now, for the reader and for whoever must have read it. */
export async function tagOf(
  db: Database,
  row: OverrideRecord,
  feature: ShownFeature,
  { id, identifier }: AdminIdentity,
  now: number,
): Promise<Tagged> {
  const nameOf = await readNames(db, [row.updated_by]);
  return tagOverride(row, { feature, identity: { id, identifier }, nameOf, now });
}

interface Place {
  readonly identity: AdminIdentity;
  readonly feature: ShownFeature;
  readonly before: OverrideRecord | undefined;
  readonly written: Written;
}

/** undefined where it is so already. */
async function lay(
  trx: Database,
  { identity, feature, before, written }: Place,
  body: IdentityOverrideInput,
): Promise<OverrideRecord | undefined> {
  const { now } = written;
  const everybodys = await findDefault(trx, identity.environment_id, feature.id);
  const values = wantedOverride(body, { before, everybodys, options: feature.options, now });
  if (!before) {
    const uuid = crypto.randomUUID();
    const hash_seed = keepsDraw(body) ? (everybodys?.hash_seed ?? uuid) : uuid;
    return insertOverride(trx, identity, feature.id, values, written, { uuid, hash_seed });
  }
  const same = { ...before, ...values, enabled: values.enabled ? 1 : 0, variants: JSON.stringify(values.variants) };
  return sameContent(before, same) ? undefined : updateOverride(trx, before, values, written);
}

export interface OverrideWritten {
  readonly tagged: Tagged;
  readonly isNew: boolean;
}

/** Makes the identity too, where there is none. */
export const putOverride = (
  deps: IdentityAdminDeps,
  call: OverrideCall,
  reference: string,
  body: IdentityOverrideInput,
): Promise<OverrideWritten> =>
  deps.changes.commit(call.audited, async (trx) => {
    const { scope, identifier, request, audited } = call;
    const feature = await shownFeature(trx, scope, reference);
    const { row: identity, isNew } = await ensureRecord(deps, trx, scope, identifier);
    const written = { by: audited.actor, now: deps.now() };
    const [before] = await listOverrides(trx, identity, feature.id);
    assertPrecondition(request, before && (await tagOf(trx, before, feature, identity, written.now)));
    const after = await lay(trx, { identity, feature, before, written }, body);
    const made = after ? [overrideEntry({ ...scope, identity }, feature, [before ?? null, after])] : [];
    const tagged = await tagOf(trx, after ?? (before as OverrideRecord), feature, identity, written.now);
    return {
      result: { tagged, isNew: before === undefined },
      entries: [...(isNew ? [createdEntry(scope, identity)] : []), ...made],
      environments: after ? [scope.environment.id] : [],
    };
  });

export const dropOverride = (deps: IdentityAdminDeps, call: OverrideCall, reference: string): Promise<void> =>
  deps.changes.commit(call.audited, async (trx) => {
    const { scope, identifier, request } = call;
    const feature = await shownFeature(trx, scope, reference);
    const identity = await lockRecord(deps, trx, scope, identifier);
    const [before] = identity ? await listOverrides(trx, identity, feature.id) : [];
    if (!identity || !before) {
      assertPrecondition(request, undefined);
      throw notFound();
    }
    assertPrecondition(request, await tagOf(trx, before, feature, identity, deps.now()));
    await deleteOverride(trx, identity, before.id);
    const entries = [overrideEntry({ ...scope, identity }, feature, [before, null])];
    return { result: undefined, entries, environments: [scope.environment.id] };
  });

async function featuresNamed(
  trx: Database,
  { project }: EnvironmentScope,
  references: readonly string[] | undefined,
): Promise<ReadonlySet<number> | undefined> {
  if (references === undefined) return undefined;
  const found = new Map<string, OverriddenFeature>();
  for (const reference of new Set(references)) {
    const feature = await findFeatureBy(trx, project.id, reference);
    if (!feature) throw badRequest({ features: [`There is no feature "${reference.slice(0, 100)}".`] });
    found.set(reference, feature);
  }
  return new Set([...found.values()].map((feature) => feature.id));
}

async function copy(
  trx: Database,
  identity: AdminIdentity,
  source: OverrideRecord,
  held: OverrideRecord | undefined,
  written: Written,
): Promise<boolean> {
  const values = valuesOf(source);
  if (!held) {
    await insertOverride(trx, identity, source.feature_id, values, written);
    return true;
  }
  if (sameContent(held, source)) return false;
  await updateOverride(trx, held, values, written);
  return true;
}

export interface Cloned {
  readonly copied: number;
  readonly removed: number;
  readonly kept: number;
}

interface Clone {
  readonly scope: EnvironmentScope;
  readonly source: AdminIdentity;
  readonly identity: AdminIdentity;
  /** The identity's own, as they were. */
  readonly held: readonly OverrideRecord[];
  /** The source's, those of them that are to be copied. */
  readonly wanted: readonly OverrideRecord[];
  /** The identity's own that go. */
  readonly surplus: readonly OverrideRecord[];
}

/** Returns whether anything changed. */
async function layClone(trx: Database, clone: Clone, written: Written): Promise<boolean> {
  const { identity, held, wanted, surplus } = clone;
  const byFeature = new Map(held.map((row) => [row.feature_id, row]));
  let isChanged = surplus.length > 0;
  for (const row of wanted) {
    if (await copy(trx, identity, row, byFeature.get(row.feature_id), written)) isChanged = true;
  }
  for (const row of surplus) await deleteOverride(trx, identity, row.id);
  return isChanged;
}

async function cloneEntry(trx: Database, { scope, source, identity, held, wanted }: Clone): Promise<AuditEntry> {
  const after = await listOverrides(trx, identity);
  return entry(scope, identity.identifier, {
    action: "UPDATE",
    objectType: "identity",
    objectId: identity.id,
    log: `Overrides of identity ${source.identifier} copied to ${identity.identifier}`,
    before: held.map((row) => auditedOverride(row, identity.id)),
    after: after.map((row) => auditedOverride(row, identity.id)),
    subjects: [
      { type: "identity", id: identitySubject(scope.environment.id, source.identifier) },
      ...[...held, ...wanted].map((row) => ({ type: "feature", id: String(row.feature_id) })),
    ],
  });
}

/** What has ended is not copied; reasons and ends are. */
export const cloneOverridesOf = (
  deps: IdentityAdminDeps,
  call: OverrideCall,
  body: OverridesCloneInput,
): Promise<Cloned> =>
  deps.changes.commit(call.audited, async (trx) => {
    const { scope, identifier, audited } = call;
    if (body.from === identifier) throw badRequest({ from: ["It is the identity itself."] });
    const source = await findRecord(trx, scope.environment.id, body.from);
    if (!source) throw badRequest({ from: ["There is no such identity in this environment."] });
    const chosen = await featuresNamed(trx, scope, body.features);
    const { row: identity, isNew } = await ensureRecord(deps, trx, scope, identifier);
    const written = { by: audited.actor, now: deps.now() };
    const isChosen = (row: OverrideRecord) => chosen === undefined || chosen.has(row.feature_id);
    const wanted = (await listOverrides(trx, source)).filter((row) => isChosen(row) && applies(row, written.now));
    const held = await listOverrides(trx, identity);
    const copied = new Set(wanted.map((row) => row.feature_id));
    const others = held.filter((row) => !copied.has(row.feature_id));
    const surplus = body.replace === true ? others.filter(isChosen) : [];
    const clone = { scope, source, identity, held, wanted, surplus };
    const entries = isNew ? [createdEntry(scope, identity)] : [];
    const isChanged = await layClone(trx, clone, written);
    if (isChanged) entries.push(await cloneEntry(trx, clone));
    const result = { copied: wanted.length, removed: surplus.length, kept: others.length - surplus.length };
    return { result, entries, environments: isChanged ? [scope.environment.id] : [] };
  });
