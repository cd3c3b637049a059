/** Where somebody lands who named no page. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { appRoute } from "../../routes/root.tsx";

export const homeRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./home-page.tsx"), "HomePage"),
});

export const newProjectRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "new-project",
  component: lazyRouteComponent(() => import("./new-project-page.tsx"), "NewProjectPage"),
});
