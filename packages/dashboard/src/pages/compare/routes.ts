/** This environment beside another; `with` is the key of the other, `to` where a copy goes. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { environmentRoute } from "../../routes/project.tsx";
import { searchChoice, searchFlag, searchNumber, searchText } from "../../routes/search.ts";

const compareSearch = z.object({
  with: searchText,
  to: searchChoice(["here"]),
  all: searchFlag,
  page: searchNumber,
});

export const compareRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "compare",
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import("./compare-page.tsx"), "ComparePage"),
});
