/** What every admin route of identities begins with: the environment the caller may act in, and the identity of the path. */
import { drf } from "@burgee/contract";
import { rowId } from "@burgee/contract/admin";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import { type AuditEntry, type AuditSubject, type Changes, identitySubject } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import { AppError } from "../../errors.ts";
import { type AdminIdentity, findIdentity } from "./identities-admin.store.ts";

export interface IdentityAdminDeps {
  readonly db: Db;
  readonly changes: Changes;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Any of these is enough: the finer permissions stand beside Flagsmith's, whose meaning they leave alone. */
export const MAY = {
  view: ["VIEW_IDENTITIES", "MANAGE_IDENTITIES"],
  /** Whoever may look at identities for one purpose or another; traits are for those of `viewTraits`. */
  see: ["VIEW_IDENTITIES", "MANAGE_IDENTITIES", "VIEW_TRAITS", "MANAGE_TRAITS", "MANAGE_IDENTITY_OVERRIDES"],
  manage: ["MANAGE_IDENTITIES"],
  delete: ["MANAGE_IDENTITIES", "DELETE_IDENTITIES"],
  viewTraits: ["VIEW_IDENTITIES", "MANAGE_IDENTITIES", "VIEW_TRAITS", "MANAGE_TRAITS"],
  manageTraits: ["MANAGE_IDENTITIES", "MANAGE_TRAITS"],
  viewOverrides: ["VIEW_IDENTITIES", "MANAGE_IDENTITIES", "MANAGE_IDENTITY_OVERRIDES"],
  override: ["UPDATE_FEATURE_STATE", "MANAGE_IDENTITY_OVERRIDES"],
} as const satisfies Record<string, readonly string[]>;

/** By the environment's key or its id. */
export async function scopeFor(
  access: Access,
  key: string | number,
  anyOf: readonly string[],
): Promise<EnvironmentScope> {
  const scope = await access.environment(key, "VIEW");
  for (const need of anyOf) if (await access.mayInEnvironment(scope, need)) return scope;
  throw new AppError("forbidden");
}

export interface IdentityScope extends EnvironmentScope {
  readonly identity: AdminIdentity;
}

/** The identity is looked for inside the environment of the path; another environment's id names nothing. */
export async function identityFor(
  { db }: IdentityAdminDeps,
  access: Access,
  params: { readonly key: string; readonly identity: number },
  anyOf: readonly string[],
): Promise<IdentityScope> {
  const scope = await scopeFor(access, params.key, anyOf);
  const identity = await findIdentity(db.kysely, scope.environment.id, params.identity);
  if (!identity) throw new AppError("not_found");
  return { ...scope, identity };
}

interface EntryInput {
  readonly action: AuditEntry["action"];
  readonly objectType: string;
  readonly objectId: string | number;
  readonly log: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly subjects?: readonly AuditSubject[];
}

/** An audit entry of an identity, which is always among its subjects. */
export function entry({ project, environment }: EnvironmentScope, identifier: string, input: EntryInput): AuditEntry {
  const subject = { type: "identity", id: identitySubject(environment.id, identifier) };
  return {
    before: null,
    after: null,
    ...input,
    objectId: String(input.objectId),
    organisationId: project.organisation_id,
    projectId: project.id,
    environmentId: environment.id,
    subjects: [subject, ...(input.subjects ?? [])],
  };
}

export const environmentParams = drf.object({ key: drf.string() });
export const identityParams = drf.object({ key: drf.string(), identity: rowId() });
export const itemParams = drf.object({ key: drf.string(), identity: rowId(), id: rowId() });
