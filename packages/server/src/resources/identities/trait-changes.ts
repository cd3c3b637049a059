/**
 * What is done to an identity's traits, each as one commit. Traits are data: it is audited, but no environment evaluates
 * differently for others, so no revision moves.
 */
import type { TraitInput, TraitPatch } from "@burgee/contract/admin";
import { writeTraitValue } from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";
import type { RequestInfo } from "../../changes/commit.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import { entry, type IdentityAdminDeps, type IdentityScope } from "./admin-scope.ts";
import { type AdminIdentity, type Database, findIdentity, mergeTraits } from "./identities-admin.store.ts";
import { chosenValue, type PresentedTrait, presentAllTraits, traitsOf, valueAfter } from "./present-admin-trait.ts";
import { writeStoredTraits } from "./stored-traits.ts";

type Patch = ReadonlyMap<string, TraitValue>;

const notFound = () => new AppError("not_found");

const taken = (key: string) => badRequest({ trait_key: [`The identity has a trait "${key}" already.`] });

/** As the transaction finds it, which may be later than what the caller was let in to. */
async function presentRow(trx: Database, { environment, identity }: IdentityScope): Promise<AdminIdentity> {
  const row = await findIdentity(trx, environment.id, identity.id);
  if (!row) throw notFound();
  return row;
}

const spell = (value: TraitValue): unknown => (value === null ? null : JSON.parse(writeTraitValue(value)));

function traitEntry(scope: IdentityScope, before: Patch, after: Patch) {
  const [key = ""] = [...after.keys(), ...before.keys()];
  const action = before.size > 0 && after.size > 0 ? "UPDATE" : after.size > 0 ? "CREATE" : "DELETE";
  const done = { CREATE: "set", UPDATE: "changed", DELETE: "removed" }[action];
  const spelt = (traits: Patch) => Object.fromEntries([...traits].map(([name, value]) => [name, spell(value)]));
  return entry(scope, scope.identity.identifier, {
    action,
    objectType: "trait",
    objectId: key,
    log: `Trait ${key} ${done} for identity ${scope.identity.identifier}`,
    before: before.size > 0 ? spelt(before) : null,
    after: after.size > 0 ? spelt(after) : null,
  });
}

/** Takes away what was `before` and lays `after` over the rest. */
async function write({ db }: IdentityAdminDeps, trx: Database, scope: IdentityScope, before: Patch, after: Patch) {
  const gone = [...before.keys()].map((key) => [key, null] as const);
  const patch = writeStoredTraits(new Map<string, TraitValue>([...gone, ...after]));
  const row = await presentRow(trx, scope);
  const traits = await mergeTraits(trx, row, db.capabilities.mergeTraits, patch);
  return { result: { ...row, traits }, entries: [traitEntry(scope, before, after)] };
}

function traitNamed(identity: AdminIdentity, key: string): PresentedTrait {
  const trait = presentAllTraits(identity).find((candidate) => candidate.trait_key === key);
  if (!trait) throw notFound();
  return trait;
}

export function traitNumbered(identity: AdminIdentity, id: number): PresentedTrait {
  const trait = presentAllTraits(identity).find((candidate) => candidate.id === id);
  if (!trait) throw notFound();
  return trait;
}

export async function addTrait(
  deps: IdentityAdminDeps,
  scope: IdentityScope,
  audited: RequestInfo,
  body: TraitInput,
): Promise<PresentedTrait> {
  const { trait_key: key } = body;
  const value = chosenValue(body);
  const after = await deps.changes.commit(audited, async (trx) => {
    if (Object.hasOwn(traitsOf(await presentRow(trx, scope)), key)) throw taken(key);
    return write(deps, trx, scope, new Map(), new Map([[key, value]]));
  });
  return traitNamed(after, key);
}

export async function changeTrait(
  deps: IdentityAdminDeps,
  scope: IdentityScope,
  audited: RequestInfo,
  id: number,
  body: TraitPatch,
): Promise<PresentedTrait> {
  let key = "";
  const after = await deps.changes.commit(audited, async (trx) => {
    const row = await presentRow(trx, scope);
    const traits = traitsOf(row);
    const held = traitNumbered(row, id);
    key = body.trait_key ?? held.trait_key;
    if (key !== held.trait_key && Object.hasOwn(traits, key)) throw taken(key);
    const before = new Map([[held.trait_key, traits[held.trait_key] ?? null]]);
    return write(deps, trx, scope, before, new Map([[key, valueAfter(body, held)]]));
  });
  return traitNamed(after, key);
}

export const removeTrait = (
  deps: IdentityAdminDeps,
  scope: IdentityScope,
  audited: RequestInfo,
  id: number,
): Promise<unknown> =>
  deps.changes.commit(audited, async (trx) => {
    const row = await presentRow(trx, scope);
    const { trait_key: key } = traitNumbered(row, id);
    return write(deps, trx, scope, new Map([[key, traitsOf(row)[key] ?? null]]), new Map());
  });
