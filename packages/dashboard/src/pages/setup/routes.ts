/** The link that makes the first account. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { publicRoute } from "../../routes/root.tsx";

export const setupRoute = createRoute({
  getParentRoute: () => publicRoute,
  path: "setup/$token",
  component: lazyRouteComponent(() => import("./setup-page.tsx"), "SetupPage"),
});
