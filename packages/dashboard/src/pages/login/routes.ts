/** Signing in. `next` is the page that was asked for. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { z } from "zod";
import { publicRoute } from "../../routes/root.tsx";
import { searchFlag, searchText } from "../../routes/search.ts";

const loginSearch = z.object({ next: searchText, refused: searchFlag });

export const loginRoute = createRoute({
  getParentRoute: () => publicRoute,
  path: "login",
  validateSearch: loginSearch,
  component: lazyRouteComponent(() => import("./login-page.tsx"), "LoginPage"),
});

const twoFactorSearch = z.object({ next: searchText });

export const twoFactorRoute = createRoute({
  getParentRoute: () => publicRoute,
  path: "login/two-factor",
  validateSearch: twoFactorSearch,
  component: lazyRouteComponent(() => import("./two-factor-page.tsx"), "TwoFactorPage"),
});
