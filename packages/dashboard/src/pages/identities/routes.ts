/** Who was seen in an environment. An identifier stands in the address percent-encoded. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { environmentRoute } from "../../routes/project.tsx";
import { searchChoice, searchList, searchText } from "../../routes/search.ts";

const identitiesSearch = z.object({ q: searchText, sort: searchText, columns: searchList });

export const identitiesRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "identities",
  validateSearch: identitiesSearch,
  component: lazyRouteComponent(() => import("./identities-page.tsx"), "IdentitiesPage"),
});

const identitySearch = z.object({ q: searchText, show: searchChoice(["overridden", "differs"]), compare: searchText });

export const identityRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "identities/$identifier/{-$tab}",
  validateSearch: identitySearch,
  component: lazyRouteComponent(() => import("./identity-page.tsx"), "IdentityPage"),
});
