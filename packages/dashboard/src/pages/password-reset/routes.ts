/** A new password, by the link of somebody who runs the server. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { publicRoute } from "../../routes/root.tsx";

export const passwordResetRoute = createRoute({
  getParentRoute: () => publicRoute,
  path: "password-reset/confirm/$uid/$token",
  component: lazyRouteComponent(() => import("./password-reset-page.tsx"), "PasswordResetPage"),
});
