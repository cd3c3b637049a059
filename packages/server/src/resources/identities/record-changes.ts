/** What is done to an identity by its identifier, each as one commit: made or changed, its traits, deleted. */
import { drf } from "@burgee/contract";
import { maxRecordTraits, type RecordInput, type RecordTraitInput } from "@burgee/contract/admin";
import { isWholeFloat, maxTraitKey, maxTraitText, wholeFloat, writeTraitValue } from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";
import type { EnvironmentScope } from "../../access/access.ts";
import type { AuditEntry, RequestInfo } from "../../changes/commit.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import { assertPrecondition, type Tagged } from "../../http/precondition.ts";
import { entry, type IdentityAdminDeps } from "./admin-scope.ts";
import { createdEntry, type Ensured, ensureRecord, lockRecord } from "./by-identifier.ts";
import { sameTrait } from "./effective-traits.ts";
import { type AdminIdentity, type Database, deleteIdentity, mergeTraits } from "./identities-admin.store.ts";
import { countOverrides } from "./overrides.store.ts";
import { traitsOf } from "./present-admin-trait.ts";
import { tagRecord } from "./present-record.ts";
import { writeStoredTraits } from "./stored-traits.ts";

export interface RecordCall {
  readonly scope: EnvironmentScope;
  readonly identifier: string;
  readonly audited: RequestInfo;
  readonly request: Request;
  readonly showsTraits: boolean;
}

type Patch = ReadonlyMap<string, TraitValue>;

const keyField = drf.string({ trim: false, maxLength: maxTraitKey });

/** Keys as the application may write them. */
export function readTraits(traits: RecordInput["traits"]): Patch {
  const entries = Object.entries(traits ?? {});
  if (entries.length > maxRecordTraits) {
    throw badRequest({ traits: [`Ensure this field has no more than ${maxRecordTraits} elements.`] });
  }
  for (const [key] of entries) {
    const read = drf.parse(keyField, key);
    if (!read.ok) throw badRequest({ traits: { [key.slice(0, maxTraitKey)]: read.body } });
  }
  return new Map(entries);
}

const coercions = {
  string: drf.string({ trim: false, allowBlank: true, maxLength: maxTraitText }),
  integer: drf.integer(),
  float: drf.float(),
  boolean: drf.boolean(),
} as const;

/** The value as the type that is asked for; as it was written where none is. */
export function readTyped({ value, type }: RecordTraitInput): TraitValue {
  if (type === undefined) return value;
  const given = isWholeFloat(value) && type === "string" ? writeTraitValue(value) : value;
  const read = drf.parse(coercions[type] as drf.Field<string | number | boolean>, given);
  if (!read.ok) throw badRequest({ value: read.body });
  const made = read.value;
  return type === "float" && Number.isInteger(made) ? wholeFloat(Number(made)) : made;
}

/** Only what is otherwise now. */
function changedTraits(row: AdminIdentity, patch: Patch): Patch {
  const held = traitsOf(row);
  const isOther = ([key, value]: [string, TraitValue]) => {
    const current = Object.hasOwn(held, key) ? held[key] : undefined;
    return value === null ? current !== undefined : !sameTrait(current, value);
  };
  return new Map([...patch].filter(isOther));
}

const spell = (value: TraitValue | undefined): unknown =>
  value === null || value === undefined ? null : JSON.parse(writeTraitValue(value));

function traitsEntry(scope: EnvironmentScope, row: AdminIdentity, patch: Patch): AuditEntry {
  const held = traitsOf(row);
  const keys = [...patch.keys()];
  const known = keys.filter((key) => Object.hasOwn(held, key));
  const kept = keys.filter((key) => patch.get(key) !== null);
  const action = known.length === 0 ? "CREATE" : kept.length === 0 ? "DELETE" : "UPDATE";
  const done = { CREATE: "set", UPDATE: "changed", DELETE: "removed" }[action];
  const named = keys.length > 5 ? `${keys.slice(0, 5).join(", ")} and ${keys.length - 5} more` : keys.join(", ");
  return entry(scope, row.identifier, {
    action,
    objectType: "trait",
    objectId: keys[0] ?? "",
    log: `${keys.length === 1 ? "Trait" : "Traits"} ${named} ${done} for identity ${row.identifier}`,
    before: known.length === 0 ? null : Object.fromEntries(known.map((key) => [key, spell(held[key])])),
    after: kept.length === 0 ? null : Object.fromEntries(kept.map((key) => [key, spell(patch.get(key))])),
  });
}

async function tagOf(
  { now }: IdentityAdminDeps,
  db: Database,
  row: AdminIdentity,
  showsTraits: boolean,
): Promise<Tagged> {
  return tagRecord(row, { showsTraits, overrideCount: await countOverrides(db, row, now()) });
}

/** Lays the traits over what is there. Nothing is written where nothing differs. */
async function layTraits(
  { db }: IdentityAdminDeps,
  trx: Database,
  { scope }: RecordCall,
  { row, isNew }: Ensured,
  patch: Patch,
): Promise<{ row: AdminIdentity; entries: AuditEntry[] }> {
  const changed = changedTraits(row, patch);
  const entries = isNew ? [createdEntry(scope, row)] : [];
  if (changed.size === 0) return { row, entries };
  const traits = await mergeTraits(trx, row, db.capabilities.mergeTraits, writeStoredTraits(changed));
  return { row: { ...row, traits }, entries: [...entries, traitsEntry(scope, row, changed)] };
}

export interface Written {
  readonly row: AdminIdentity;
  readonly tagged: Tagged;
  readonly isNew: boolean;
}

/** Creates or changes; where `mayCreate` is false, an identity that is not there is "not found". */
export const writeRecord = (
  deps: IdentityAdminDeps,
  call: RecordCall,
  patch: Patch,
  mayCreate: boolean,
): Promise<Written> =>
  deps.changes.commit(call.audited, async (trx) => {
    const { scope, identifier, request, showsTraits } = call;
    const held = await lockRecord(deps, trx, scope, identifier);
    if (!held && !mayCreate) throw new AppError("not_found");
    if (!held) assertPrecondition(request, undefined);
    const ensured = held ? { row: held, isNew: false } : await ensureRecord(deps, trx, scope, identifier);
    if (!ensured.isNew) assertPrecondition(request, await tagOf(deps, trx, ensured.row, showsTraits));
    const { row, entries } = await layTraits(deps, trx, call, ensured, patch);
    const tagged = await tagOf(deps, trx, row, showsTraits);
    return { result: { row, tagged, isNew: ensured.isNew }, entries };
  });

export interface TraitWritten extends Written {
  readonly isNewTrait: boolean;
}

/** One trait; null removes it, and one that is not there cannot be removed. */
export const writeRecordTrait = (
  deps: IdentityAdminDeps,
  call: RecordCall,
  key: string,
  value: TraitValue,
): Promise<TraitWritten> =>
  deps.changes.commit(call.audited, async (trx) => {
    const held = await lockRecord(deps, trx, call.scope, call.identifier);
    if (!held) throw new AppError("not_found");
    assertPrecondition(call.request, await tagOf(deps, trx, held, call.showsTraits));
    const isNewTrait = !Object.hasOwn(traitsOf(held), key);
    if (value === null && isNewTrait) throw new AppError("not_found");
    const { row, entries } = await layTraits(deps, trx, call, { row: held, isNew: false }, new Map([[key, value]]));
    const tagged = await tagOf(deps, trx, row, call.showsTraits);
    return { result: { row, tagged, isNew: false, isNewTrait }, entries };
  });

export const deleteRecord = (deps: IdentityAdminDeps, call: RecordCall): Promise<void> =>
  deps.changes.commit(call.audited, async (trx) => {
    const { scope, identifier, request, showsTraits } = call;
    const row = await lockRecord(deps, trx, scope, identifier);
    if (!row) throw new AppError("not_found");
    assertPrecondition(request, await tagOf(deps, trx, row, showsTraits));
    await deleteIdentity(trx, row);
    const gone = entry(scope, row.identifier, {
      action: "DELETE",
      objectType: "identity",
      objectId: row.id,
      log: `Identity deleted: ${row.identifier}`,
      before: { id: row.id, identifier: row.identifier, environment: row.environment_id },
    });
    return {
      result: undefined,
      entries: [gone],
      environments: row.has_overrides === 1 ? [row.environment_id] : [],
    };
  });
