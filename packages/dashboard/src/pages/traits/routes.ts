/** The catalogue of traits. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { environmentRoute } from "../../routes/project.tsx";
import { searchText } from "../../routes/search.ts";

const traitsSearch = z.object({ q: searchText, trait: searchText });

export const traitsRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "traits",
  validateSearch: traitsSearch,
  component: lazyRouteComponent(() => import("./traits-page.tsx"), "TraitsPage"),
});
