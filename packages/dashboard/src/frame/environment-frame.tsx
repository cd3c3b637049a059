import { getRouteApi, Outlet } from "@tanstack/react-router";
import { useEffect } from "react";
import { useLiveChanges } from "../api/use-live-changes.ts";
import { rememberPlace } from "./last-place.ts";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey");

/** Around every page of an environment: others' changes are heard of, and the place is remembered. */
export function EnvironmentFrame() {
  const { projectId, environmentKey } = route.useParams();
  useLiveChanges(environmentKey, projectId);
  useEffect(() => rememberPlace({ projectId, environmentKey }), [projectId, environmentKey]);
  return <Outlet />;
}
