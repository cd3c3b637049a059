/** Every page's address. A page's own routes, with what its address may hold, stand in src/pages/NOUN/routes.ts. */
import type { QueryClient } from "@tanstack/react-query";
import { createRouter, stringifySearchWith } from "@tanstack/react-router";
import { ErrorState } from "./components/error-state.tsx";
import { LoadingPage } from "./components/loading.tsx";
import { NotFound } from "./frame/not-found.tsx";
import { accountRoute } from "./pages/account/routes.ts";
import { auditRoute } from "./pages/audit/routes.ts";
import { compareRoute } from "./pages/compare/routes.ts";
import { connectRoute } from "./pages/connect/routes.ts";
import { featureRoute, featuresRoute } from "./pages/features/routes.ts";
import { homeRoute, newProjectRoute } from "./pages/home/routes.ts";
import { identitiesRoute, identityRoute } from "./pages/identities/routes.ts";
import { inviteRoute } from "./pages/invite/routes.ts";
import { loginRoute, twoFactorRoute } from "./pages/login/routes.ts";
import { organisationSettingsRoute } from "./pages/organisation/routes.ts";
import { passwordResetRoute } from "./pages/password-reset/routes.ts";
import { projectSettingsRoute } from "./pages/project/routes.ts";
import { segmentRoute, segmentsRoute } from "./pages/segments/routes.ts";
import { environmentSettingsRoute } from "./pages/settings/routes.ts";
import { setupRoute } from "./pages/setup/routes.ts";
import { traitsRoute } from "./pages/traits/routes.ts";
import { environmentRoute, projectIndexRoute, projectRoute } from "./routes/project.tsx";
import { appRoute, publicRoute, rootRoute } from "./routes/root.tsx";
import { parseSearch, stringifyValue } from "./routes/search.ts";

const environmentTree = environmentRoute.addChildren([
  auditRoute,
  compareRoute,
  connectRoute,
  environmentSettingsRoute,
  featureRoute,
  featuresRoute,
  identitiesRoute,
  identityRoute,
  segmentRoute,
  segmentsRoute,
  traitsRoute,
]);

const routeTree = rootRoute.addChildren([
  publicRoute.addChildren([inviteRoute, loginRoute, passwordResetRoute, setupRoute, twoFactorRoute]),
  appRoute.addChildren([
    accountRoute,
    homeRoute,
    newProjectRoute,
    organisationSettingsRoute,
    projectRoute.addChildren([environmentTree, projectIndexRoute, projectSettingsRoute]),
  ]),
]);

export const createAppRouter = (client: QueryClient) =>
  createRouter({
    routeTree,
    context: { client },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 150,
    scrollRestoration: true,
    parseSearch,
    stringifySearch: stringifySearchWith(stringifyValue),
    defaultPendingComponent: LoadingPage,
    defaultErrorComponent: ({ error, reset }) => <ErrorState isPage error={error} onRetry={reset} />,
    defaultNotFoundComponent: NotFound,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
