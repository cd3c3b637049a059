/** Settings of an environment: switches, keys, webhooks, permissions. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { environmentRoute } from "../../routes/project.tsx";

export const environmentSettingsRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "settings/{-$tab}",
  component: lazyRouteComponent(() => import("./environment-settings-page.tsx"), "EnvironmentSettingsPage"),
});
