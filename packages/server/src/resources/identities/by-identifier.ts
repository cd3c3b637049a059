/** What every route below identities/by-identifier/{identifier}/ begins with, and what its writes end with. */
import { drf } from "@burgee/contract";
import { maxIdentifier } from "@burgee/contract/sdk";
import { z } from "zod";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import { AppError } from "../../errors.ts";
import { badRequest } from "../../http/admin-door.ts";
import { entry, type IdentityAdminDeps, type IdentityScope, MAY, scopeFor } from "./admin-scope.ts";
import {
  type AdminIdentity,
  type Database,
  findByIdentifier,
  insertMissingIdentity,
  lockIdentity,
} from "./identities-admin.store.ts";

export const RECORD = "/api/v1/environments/{key}/identities/by-identifier/{identifier}/";

/** Exact to the letter; what is wrong with it is judged by `readIdentifier`, since a write answers 400 and a read 404. */
const identifierInPath = z
  .string()
  .describe('Percent-encoded once; exact to the letter. "." and ".." cannot be in an address: those go by their id.');

export const recordParams = drf.object({ key: drf.string(), identifier: identifierInPath });
export const recordTraitParams = drf.object({
  key: drf.string(),
  identifier: identifierInPath,
  trait_key: z.string().describe("Percent-encoded once; exact to the letter."),
});
export const recordOverrideParams = drf.object({
  key: drf.string(),
  identifier: identifierInPath,
  feature: z.string().describe("A feature's id or its name, in any case. Digits alone are an id."),
});

const storable = drf.string({ trim: false, maxLength: maxIdentifier });
const storableTrimmed = drf.string({ maxLength: maxIdentifier });

/** Of what is to be created: nothing but white space could never be asked for. */
function assertIdentifier(identifier: string): void {
  for (const field of [storable, storableTrimmed]) {
    const read = drf.parse(field, identifier);
    if (!read.ok) throw badRequest({ identifier: read.body });
  }
}

/** An identifier that cannot be stored names nobody; databases differ in whether they can be asked for it. */
const canBeStored = (identifier: string): boolean => drf.parse(storable, identifier).ok;

export const showsTraitsTo = async (access: Access, scope: EnvironmentScope): Promise<boolean> => {
  for (const need of MAY.viewTraits) if (await access.mayInEnvironment(scope, need)) return true;
  return false;
};

export const findRecord = async (db: Database, environmentId: number, identifier: string) =>
  canBeStored(identifier) ? findByIdentifier(db, environmentId, identifier) : undefined;

/** The identity of the path, or 404. */
export async function recordFor(
  { db }: IdentityAdminDeps,
  access: Access,
  params: { readonly key: string; readonly identifier: string },
  anyOf: readonly string[],
): Promise<IdentityScope> {
  const scope = await scopeFor(access, params.key, anyOf);
  const identity = await findRecord(db.kysely, scope.environment.id, params.identifier);
  if (!identity) throw new AppError("not_found");
  return { ...scope, identity };
}

/** Inside a transaction: locked until it ends. undefined where there is none. */
export const lockRecord = async (
  { db }: IdentityAdminDeps,
  trx: Database,
  { environment }: EnvironmentScope,
  identifier: string,
): Promise<AdminIdentity | undefined> =>
  canBeStored(identifier) ? lockIdentity(db, trx, environment.id, identifier) : undefined;

export interface Ensured {
  readonly row: AdminIdentity;
  readonly isNew: boolean;
}

/** The identity, locked; made where there is none. Of two that make it at once, the second finds the first's. */
export async function ensureRecord(
  deps: IdentityAdminDeps,
  trx: Database,
  scope: EnvironmentScope,
  identifier: string,
): Promise<Ensured> {
  const known = await lockRecord(deps, trx, scope, identifier);
  if (known) return { row: known, isNew: false };
  assertIdentifier(identifier);
  const made = await insertMissingIdentity(trx, scope.environment.id, identifier, deps.now());
  if (made) return { row: made, isNew: true };
  const other = await lockRecord(deps, trx, scope, identifier);
  if (!other) throw new AppError("conflict");
  return { row: other, isNew: false };
}

/** What 412 answers. */
export const conflictOf = <Thing extends z.ZodType>(thing: Thing) =>
  z.object({ detail: z.string(), current: thing.nullable().describe("As it is now.") });

export const createdEntry = (scope: EnvironmentScope, row: AdminIdentity) =>
  entry(scope, row.identifier, {
    action: "CREATE",
    objectType: "identity",
    objectId: row.id,
    log: `Identity created: ${row.identifier}`,
    after: { id: row.id, identifier: row.identifier, environment: row.environment_id },
  });
