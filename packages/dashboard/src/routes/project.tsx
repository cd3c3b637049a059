/** A project and, in it, an environment: what the pages below them may take as given is fetched here. */
import { createRoute, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { environmentQuery, environmentsQuery, projectQuery } from "../api/queries.ts";
import { lastPlace } from "../frame/last-place.ts";
import { appRoute } from "./root.tsx";

/** A number in an address; anything else is no project, and the server says so. */
export const numberParam = (text: string): number => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0);

export const projectRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "projects/$projectId",
  params: {
    parse: ({ projectId }) => ({ projectId: numberParam(projectId) }),
    stringify: ({ projectId }) => ({ projectId: String(projectId) }),
  },
  loader: async ({ context: { client }, params: { projectId } }) => {
    await Promise.all([
      client.ensureQueryData(projectQuery(projectId)),
      client.ensureQueryData(environmentsQuery(projectId)),
    ]);
  },
  component: Outlet,
});

export const environmentRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: "environments/$environmentKey",
  loader: async ({ context: { client }, params: { environmentKey } }) => {
    await client.ensureQueryData(environmentQuery(environmentKey));
  },
  component: lazyRouteComponent(() => import("../frame/environment-frame.tsx"), "EnvironmentFrame"),
});

/** A project without more said: the environment that was last worked in, or its first. */
export const projectIndexRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: "/",
  beforeLoad: async ({ context: { client }, params: { projectId } }) => {
    const environments = await client.ensureQueryData(environmentsQuery(projectId));
    const last = lastPlace()?.environmentKey;
    const environment = environments.find(({ api_key }) => api_key === last) ?? environments[0];
    if (!environment) throw redirect({ to: "/projects/$projectId/settings", params: { projectId } });
    const params = { projectId, environmentKey: environment.api_key };
    throw redirect({ to: "/projects/$projectId/environments/$environmentKey/features", params });
  },
});
