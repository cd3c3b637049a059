/** Segments of a project; their sizes are an environment's. The segment "new" is one being made. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { environmentRoute } from "../../routes/project.tsx";
import { searchChoice, searchNumber, searchText } from "../../routes/search.ts";

const segmentsSearch = z.object({ q: searchText, sort: searchText, page: searchNumber });

export const segmentsRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "segments",
  validateSearch: segmentsSearch,
  component: lazyRouteComponent(() => import("./segments-page.tsx"), "SegmentsPage"),
});

export const segmentRoute = createRoute({
  getParentRoute: () => environmentRoute,
  path: "segments/$segmentId",
  validateSearch: z.object({ tab: searchChoice(["members", "used"]) }),
  component: lazyRouteComponent(() => import("./segment-page.tsx"), "SegmentPage"),
});
