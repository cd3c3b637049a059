/** Who may find identities, and whose traits they see. */
import { drf } from "@burgee/contract";
import type { Access, EnvironmentScope } from "../../access/access.ts";
import type { Changes } from "../../changes/commit.ts";
import type { Db } from "../../db/database.ts";
import type { Documents } from "../../documents/documents.ts";
import { AppError } from "../../errors.ts";
import type { Search } from "../../search/search.ts";

export interface SearchAdminDeps {
  readonly db: Db;
  readonly changes: Changes;
  readonly documents: Documents;
  readonly search: Search;
}

const traits = ["VIEW_IDENTITIES", "MANAGE_IDENTITIES", "VIEW_TRAITS", "MANAGE_TRAITS"];

/** Any of these is enough. Whoever overrides finds whom to override, and sees no traits. */
export const MAY = {
  find: [...traits, "MANAGE_IDENTITY_OVERRIDES"],
  viewTraits: traits,
  manageTraits: ["MANAGE_IDENTITIES", "MANAGE_TRAITS"],
} as const;

export async function mayAny(access: Access, scope: EnvironmentScope, anyOf: readonly string[]): Promise<boolean> {
  for (const need of anyOf) if (await access.mayInEnvironment(scope, need)) return true;
  return false;
}

export async function scopeFor(access: Access, key: string, anyOf: readonly string[]): Promise<EnvironmentScope> {
  const scope = await access.environment(key, "VIEW");
  if (!(await mayAny(access, scope, anyOf))) throw new AppError("forbidden");
  return scope;
}

export const environmentParams = drf.object({ key: drf.string() });
export const traitParams = drf.object({
  key: drf.string(),
  trait_key: drf.string({ maxLength: 200, trim: false, allowBlank: true }),
});
