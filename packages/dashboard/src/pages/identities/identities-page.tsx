/** Everybody who was seen in an environment, found by what is known of them. */
import { IconDownload, IconUpload } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { environmentQuery } from "../../api/queries.ts";
import { usePermissions } from "../../api/use-permissions.ts";
import { GatedButton } from "../../components/gated-button.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { environmentLook } from "../../frame/environment-look.ts";
import { targetsOf } from "./bulk-targets.ts";
import { IdentitiesList } from "./identities-list.tsx";

// Dialogs are fetched when one is first opened.
const CreateIdentity = lazy(() => import("./create-identity.tsx").then((m) => ({ default: m.CreateIdentity })));
const ExportDialog = lazy(() => import("./export-dialog.tsx").then((m) => ({ default: m.ExportDialog })));
const ImportWizard = lazy(() => import("./import-wizard.tsx").then((m) => ({ default: m.ImportWizard })));

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/identities");

type Search = ReturnType<typeof route.useSearch>;

function usePlace() {
  const { projectId, environmentKey } = route.useParams();
  const { data: environment } = useSuspenseQuery(environmentQuery(environmentKey));
  const navigate = route.useNavigate();
  const search = route.useSearch();
  return {
    ...{ projectId, environmentKey, environment, search },
    production: environmentLook(environment).isProduction ? environment.name : undefined,
    go: (to: Partial<Search>, replace = false) =>
      void navigate({ search: (before) => ({ ...before, ...to }), replace }),
    open: (identifier: string) =>
      void navigate({
        to: "/projects/$projectId/environments/$environmentKey/identities/$identifier/{-$tab}",
        params: { projectId, environmentKey, identifier, tab: undefined },
      }),
  };
}

type Place = ReturnType<typeof usePlace>;

export function IdentitiesPage() {
  const place = usePlace();
  const { may } = usePermissions(place.environmentKey);
  const manage = may("MANAGE_IDENTITIES");
  return (
    <>
      <PageHeader
        title="Identities"
        description="Find a user, see why, change what they get."
        actions={
          <>
            <GatedButton
              may={manage}
              variant="default"
              leftSection={<IconUpload size={16} aria-hidden />}
              onClick={() => place.go({ open: "import" })}
            >
              Import
            </GatedButton>
            <GatedButton
              may={may("VIEW_IDENTITIES", "MANAGE_IDENTITIES")}
              variant="default"
              leftSection={<IconDownload size={16} aria-hidden />}
              onClick={() => place.go({ open: "export" })}
            >
              Export
            </GatedButton>
            <GatedButton may={manage} onClick={() => place.go({ open: "new" })}>
              New identity
            </GatedButton>
          </>
        }
      />
      <IdentitiesList
        projectId={place.projectId}
        environment={place.environment}
        asked={place.search}
        onAsk={(to, replace) => place.go(to as Partial<Search>, replace)}
      />
      <Suspense fallback={null}>
        <Dialogs place={place} />
      </Suspense>
    </>
  );
}

function Dialogs({ place }: { place: Place }) {
  const { environment, environmentKey, production, search } = place;
  const close = () => place.go({ open: undefined });
  if (search.open === "new") {
    return (
      <CreateIdentity
        environmentKey={environmentKey}
        environmentName={environment.name}
        onClose={close}
        onReady={place.open}
      />
    );
  }
  if (search.open === "import") {
    return (
      <ImportWizard
        environmentKey={environmentKey}
        environmentName={environment.name}
        production={production}
        onClose={close}
      />
    );
  }
  if (search.open !== "export") return null;
  return (
    <ExportDialog
      environmentKey={environmentKey}
      targets={targetsOf(new Set(), true, search.q ?? "")}
      onClose={close}
    />
  );
}
