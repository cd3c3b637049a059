/** The identity of the address, and where it is. */
import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { environmentQuery } from "../../api/queries.ts";
import { usePermissions } from "../../api/use-permissions.ts";
import { environmentLook } from "../../frame/environment-look.ts";

export const identityRouteApi = getRouteApi(
  "/app/projects/$projectId/environments/$environmentKey/identities/$identifier/{-$tab}",
);

export function useIdentityPlace() {
  const { projectId, environmentKey, identifier } = identityRouteApi.useParams();
  const { data: environment } = useSuspenseQuery(environmentQuery(environmentKey));
  const permissions = usePermissions(environmentKey);
  return {
    projectId,
    environmentKey,
    identifier,
    environment,
    /** Its name where it is production: then every change says so. */
    production: environmentLook(environment).isProduction ? environment.name : undefined,
    may: {
      override: permissions.may("UPDATE_FEATURE_STATE", "MANAGE_IDENTITY_OVERRIDES"),
      traits: permissions.may("MANAGE_IDENTITIES", "MANAGE_TRAITS"),
      manage: permissions.may("MANAGE_IDENTITIES"),
      remove: permissions.may("MANAGE_IDENTITIES", "DELETE_IDENTITIES"),
    },
  };
}

export type IdentityPlace = ReturnType<typeof useIdentityPlace>;
