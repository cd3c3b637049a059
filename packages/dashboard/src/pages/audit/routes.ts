/** Who changed what. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { environmentRoute } from "../../routes/project.tsx";
import { searchChoice, searchNumber, searchText } from "../../routes/search.ts";

const auditSearch = z.object({
  q: searchText,
  page: searchNumber,
  scope: searchChoice(["environment"]),
  author: searchText,
  identity: searchText,
});

export const auditRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "audit",
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import("./audit-page.tsx"), "AuditPage"),
});
