/** This environment beside another; `with` is the key of the other. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { environmentRoute } from "../../routes/project.tsx";
import { searchText } from "../../routes/search.ts";

const compareSearch = z.object({ with: searchText });

export const compareRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "compare",
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import("./compare-page.tsx"), "ComparePage"),
});
