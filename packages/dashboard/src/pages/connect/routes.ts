/** The first steps of an application. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { environmentRoute } from "../../routes/project.tsx";
import { searchText } from "../../routes/search.ts";

const connectSearch = z.object({ language: searchText });

export const connectRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "connect",
  validateSearch: connectSearch,
  component: lazyRouteComponent(() => import("./connect-page.tsx"), "ConnectPage"),
});
