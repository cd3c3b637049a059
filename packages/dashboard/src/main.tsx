import "./theme/policy.ts";
import "@fontsource-variable/inter/wght.css";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./theme/global.css";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "./api/query-client.ts";
import { createAppRouter } from "./router.tsx";
import { styleNonce } from "./theme/nonce.ts";
import { cssVariablesResolver, theme } from "./theme/theme.ts";

const client = createQueryClient(() => {
  const { location } = router.state;
  // Before the first page is there, its own guard decides.
  const isInside = router.state.matches.some(({ routeId }) => routeId === "/app");
  if (!isInside || location.pathname.startsWith("/login")) return;
  client.clear();
  void router.navigate({ to: "/login", search: { next: location.href } });
});
const router = createAppRouter(client);
const colourScheme = localStorageColorSchemeManager({ key: "burgee-colour-scheme" });

const root = document.getElementById("root");
if (!root) throw new Error("The page has no place for the dashboard.");
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={colourScheme}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
    >
      <Notifications position="bottom-right" limit={4} />
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
