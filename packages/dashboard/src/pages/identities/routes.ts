/** Who was seen in an environment. An identifier stands in the address percent-encoded. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { environmentRoute } from "../../routes/project.tsx";
import { searchChoice, searchList, searchNumber, searchText } from "../../routes/search.ts";

const identitiesSearch = z.object({
  q: searchText,
  sort: searchChoice(["created", "identifier", "-identifier", "last_seen", "-last_seen"]),
  columns: searchList,
  open: searchChoice(["new", "import", "export"]),
});

export const identitiesRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "identities",
  validateSearch: identitiesSearch,
  component: lazyRouteComponent(() => import("./identities-page.tsx"), "IdentitiesPage"),
});

const identitySearch = z.object({
  q: searchText,
  show: searchChoice(["overridden", "differs"]),
  /** Another identifier; without it, the environment. */
  compare: searchText,
  page: searchNumber,
});

export const identityRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "identities/$identifier/{-$tab}",
  validateSearch: identitySearch,
  component: lazyRouteComponent(() => import("../identity/identity-page.tsx"), "IdentityPage"),
});
