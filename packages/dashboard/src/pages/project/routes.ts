/** Settings of a project. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { projectRoute } from "../../routes/project.tsx";
import { searchText } from "../../routes/search.ts";

const projectSettingsSearch = z.object({ tab: searchText });

export const projectSettingsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: "settings",
  validateSearch: projectSettingsSearch,
  component: lazyRouteComponent(() => import("./project-settings-page.tsx"), "ProjectSettingsPage"),
});
