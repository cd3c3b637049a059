/** Who may ask for which work, and see what came of it. Any of the permissions is enough. */
import type { Access, EnvironmentScope } from "../../access/access.ts";
import { AppError } from "../../errors.ts";

const VIEW = ["VIEW_IDENTITIES", "MANAGE_IDENTITIES"] as const;
const TRAITS = ["VIEW_IDENTITIES", "MANAGE_IDENTITIES", "VIEW_TRAITS", "MANAGE_TRAITS"] as const;
const MANAGE_TRAITS = ["MANAGE_IDENTITIES", "MANAGE_TRAITS"] as const;
const DELETE = ["MANAGE_IDENTITIES", "DELETE_IDENTITIES"] as const;
export const MAY_VIEW: readonly string[] = VIEW;
export const MAY_MANAGE: readonly string[] = ["MANAGE_IDENTITIES"];
export const MAY_OVERRIDE: readonly string[] = ["UPDATE_FEATURE_STATE", "MANAGE_IDENTITY_OVERRIDES"];

/** By type of job. One that is not here is the server's own, and only administrators of the environment see it. */
const MAY_START: Readonly<Record<string, readonly string[]>> = {
  set_override: MAY_OVERRIDE,
  remove_override: MAY_OVERRIDE,
  set_traits: MANAGE_TRAITS,
  delete_trait: MANAGE_TRAITS,
  delete_identities: DELETE,
  export_identities: VIEW,
  count_segment: TRAITS,
  import_identities: MAY_MANAGE,
};

export const mayStart = (type: string): readonly string[] => MAY_START[type] ?? ["ADMIN"];
export const jobTypesKnown: readonly string[] = Object.keys(MAY_START);

export async function mayAny(access: Access, scope: EnvironmentScope, anyOf: readonly string[]): Promise<boolean> {
  for (const need of anyOf) if (await access.mayInEnvironment(scope, need)) return true;
  return false;
}

/** By the environment's key. */
export async function scopeFor(access: Access, key: string, anyOf: readonly string[]): Promise<EnvironmentScope> {
  const scope = await access.environment(key, "VIEW");
  if (await mayAny(access, scope, anyOf)) return scope;
  throw new AppError("forbidden");
}
