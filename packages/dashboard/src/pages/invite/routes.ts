/** An invitation, or a link to join by. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { publicRoute } from "../../routes/root.tsx";

export const inviteRoute = createRoute({
  getParentRoute: () => publicRoute,
  path: "invite/$hash",
  component: lazyRouteComponent(() => import("./invite-page.tsx"), "InvitePage"),
});
