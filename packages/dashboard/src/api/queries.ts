/** What more than one page asks. A page's own questions live beside the page. */
import { queryOptions } from "@tanstack/react-query";
import { api, apiPath } from "./client.ts";
import { queryKeys } from "./query-keys.ts";
import type {
  Environment,
  EnvironmentDetail,
  Me,
  Organisation,
  OwnPermissions,
  Paged,
  Permission,
  Project,
  ProjectDetail,
  SetupState,
} from "./types.ts";

const MINUTE = 60_000;

/** How one gets in; anybody may ask. */
export const setupQuery = queryOptions({
  queryKey: queryKeys.setup,
  queryFn: ({ signal }) => api.get<SetupState>(apiPath`/setup/`, { signal }),
});

export const meQuery = queryOptions({
  queryKey: queryKeys.me,
  queryFn: ({ signal }) => api.get<Me>(apiPath`/auth/users/me/`, { signal }),
  staleTime: 5 * MINUTE,
});

export const organisationQuery = (id: number) =>
  queryOptions({
    queryKey: queryKeys.organisation(id),
    queryFn: ({ signal }) => api.get<Organisation>(apiPath`/organisations/${id}/`, { signal }),
    staleTime: MINUTE,
  });

/** Every project that one may see, of all organisations. */
export const projectsQuery = queryOptions({
  queryKey: queryKeys.projects,
  queryFn: ({ signal }) => api.get<Project[]>(apiPath`/projects/`, { signal }),
  staleTime: MINUTE,
});

export const projectQuery = (id: number) =>
  queryOptions({
    queryKey: queryKeys.project(id),
    queryFn: ({ signal }) => api.get<ProjectDetail>(apiPath`/projects/${id}/`, { signal }),
    staleTime: MINUTE,
  });

export const environmentsQuery = (project: number) =>
  queryOptions({
    queryKey: [...queryKeys.project(project), "environments"],
    queryFn: async ({ signal }) => {
      const query = { project, page_size: 999 };
      return (await api.get<Paged<Environment>>(apiPath`/environments/`, { signal, query })).results;
    },
    staleTime: MINUTE,
  });

export const environmentQuery = (key: string) =>
  queryOptions({
    queryKey: queryKeys.environment(key),
    queryFn: ({ signal }) => api.get<EnvironmentDetail>(apiPath`/environments/${key}/`, { signal }),
    staleTime: MINUTE,
  });

const permissions = (name: readonly (string | number)[], path: string) =>
  queryOptions({
    queryKey: [...name, "my-permissions"],
    queryFn: ({ signal }) => api.get<OwnPermissions>(path, { signal }),
    staleTime: MINUTE,
  });

export const environmentPermissionsQuery = (key: string) =>
  permissions(queryKeys.environment(key), apiPath`/environments/${key}/my-permissions/`);

export const projectPermissionsQuery = (id: number) =>
  permissions(queryKeys.project(id), apiPath`/projects/${id}/my-permissions/`);

export const organisationPermissionsQuery = (id: number) =>
  permissions(queryKeys.organisation(id), apiPath`/organisations/${id}/my-permissions/`);

/** The permissions that there are; an environment's come in pages, a project's bare. */
export const catalogueOfPermissionsQuery = (scope: "project" | "environment") =>
  queryOptions({
    queryKey: ["permissions", scope],
    queryFn: async ({ signal }) => {
      const path = apiPath`/${`${scope}s`}/permissions/`;
      const answer = await api.get<Paged<Permission> | readonly Permission[]>(path, { signal });
      return "results" in answer ? answer.results : answer;
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
