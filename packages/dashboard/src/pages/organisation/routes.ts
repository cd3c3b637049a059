/** Settings of an organisation: members, groups, roles, keys. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { numberParam } from "../../routes/project.tsx";
import { appRoute } from "../../routes/root.tsx";

export const organisationSettingsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "organisations/$organisationId/settings/{-$tab}",
  params: {
    parse: ({ organisationId, ...rest }) => ({ ...rest, organisationId: numberParam(organisationId) }),
    stringify: ({ organisationId, ...rest }) => ({ ...rest, organisationId: String(organisationId) }),
  },
  component: lazyRouteComponent(() => import("./organisation-settings-page.tsx"), "OrganisationSettingsPage"),
});
