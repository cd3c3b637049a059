/** Features of a project, as they are in an environment. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { environmentRoute, numberParam } from "../../routes/project.tsx";
import { searchChoice, searchFlag, searchList, searchNumber, searchText } from "../../routes/search.ts";

const featuresSearch = z.object({
  q: searchText,
  tags: searchList,
  state: searchChoice(["on", "off"]),
  archived: searchFlag,
  sort: searchText,
  page: searchNumber,
});

export const featuresRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "features",
  validateSearch: featuresSearch,
  component: lazyRouteComponent(() => import("./features-page.tsx"), "FeaturesPage"),
});

export const featureRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "features/$featureId/{-$tab}",
  validateSearch: z.object({ page: searchNumber, q: searchText, days: searchNumber }),
  params: {
    parse: ({ featureId, ...rest }) => ({ ...rest, featureId: numberParam(featureId) }),
    stringify: ({ featureId, ...rest }) => ({ ...rest, featureId: String(featureId) }),
  },
  component: lazyRouteComponent(() => import("./feature-page.tsx"), "FeaturePage"),
});
