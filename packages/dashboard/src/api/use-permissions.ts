/** What one may do here, so that the rest is not offered or says why not. The server decides again, always. */
import { useQuery } from "@tanstack/react-query";
import { environmentPermissionsQuery, organisationPermissionsQuery, projectPermissionsQuery } from "./queries.ts";
import type { OwnPermissions } from "./types.ts";

export interface May {
  readonly isAllowed: boolean;
  /** A sentence for whoever may not; undefined while it is not known. */
  readonly reason?: string | undefined;
}

export interface Permissions {
  readonly isLoading: boolean;
  readonly isAdmin: boolean;
  /** `permission` as the catalogue has it ("MANAGE_IDENTITIES"), or "ADMIN". Any one of several is enough. */
  may(...permission: readonly string[]): May;
}

const inWords = (permission: string): string => permission.toLowerCase().replaceAll("_", " ");

/** Pure, for tests: what to say of one permission. */
export function mayOf(held: OwnPermissions | undefined, place: string, wanted: readonly string[]): May {
  if (!held) return { isAllowed: false };
  if (held.admin || wanted.some((permission) => held.permissions.includes(permission))) return { isAllowed: true };
  if (wanted.includes("ADMIN") && wanted.length === 1) {
    return { isAllowed: false, reason: `Only an administrator of this ${place} may do this.` };
  }
  const names = wanted.filter((permission) => permission !== "ADMIN").map((permission) => `“${inWords(permission)}”`);
  const plea = `You need the permission ${names.join(" or ")} in this ${place}. Ask an administrator for it.`;
  return { isAllowed: false, reason: plea };
}

function usePlace(options: ReturnType<typeof environmentPermissionsQuery>, place: string): Permissions {
  const { data, isPending } = useQuery(options);
  return {
    isLoading: isPending,
    isAdmin: data?.admin ?? false,
    may: (...permission) => mayOf(data, place, permission),
  };
}

/** In an environment. */
export const usePermissions = (environmentKey: string): Permissions =>
  usePlace(environmentPermissionsQuery(environmentKey), "environment");

export const useProjectPermissions = (projectId: number): Permissions =>
  usePlace(projectPermissionsQuery(projectId), "project");

export const useOrganisationPermissions = (organisationId: number): Permissions =>
  usePlace(organisationPermissionsQuery(organisationId), "organisation");
