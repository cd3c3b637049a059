import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { organisationQuery } from "../../api/queries.ts";
import { useOrganisationPermissions } from "../../api/use-permissions.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { LoadingPage } from "../../components/loading.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { TabRow } from "../../components/tab-row.tsx";
import { Webhooks } from "../../components/webhooks.tsx";
import { General } from "./general.tsx";
import { Groups } from "./groups.tsx";
import { Keys } from "./keys.tsx";
import { Members } from "./members.tsx";
import { Roles } from "./roles.tsx";

const route = getRouteApi("/app/organisations/$organisationId/settings/{-$tab}");

const TABS = {
  members: "Members",
  groups: "Groups",
  roles: "Roles",
  keys: "Keys",
  webhooks: "Webhooks",
  general: "General",
} as const;
type Tab = keyof typeof TABS;

export function OrganisationSettingsPage() {
  const { organisationId, tab: named } = route.useParams();
  const navigate = useNavigate();
  const { data: organisation, error, refetch } = useQuery(organisationQuery(organisationId));
  const permissions = useOrganisationPermissions(organisationId);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!organisation) return <LoadingPage />;
  const tab: Tab = named !== undefined && named in TABS ? (named as Tab) : "members";
  const may = permissions.may("ADMIN");
  const go = (next: string | null) =>
    void navigate({
      to: "/organisations/$organisationId/settings/{-$tab}",
      params: { organisationId, tab: next === "members" || next === null ? undefined : next },
    });
  return (
    <>
      <PageHeader title={organisation.name} description="Who belongs to it, what they may do, and its keys." />
      <Tabs value={tab} onChange={go} keepMounted={false}>
        <TabRow active={tab}>
          {Object.entries(TABS).map(([value, words]) => (
            <Tabs.Tab key={value} value={value}>
              {words}
            </Tabs.Tab>
          ))}
        </TabRow>
        <Tabs.Panel value="members">
          <Members organisationId={organisationId} may={may} />
        </Tabs.Panel>
        <Tabs.Panel value="groups">
          <Groups organisationId={organisationId} may={permissions.may("ADMIN", "MANAGE_USER_GROUPS")} />
        </Tabs.Panel>
        <Tabs.Panel value="roles">
          <Roles organisationId={organisationId} may={may} />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <Keys organisationId={organisationId} may={may} />
        </Tabs.Panel>
        <Tabs.Panel value="webhooks">
          <Webhooks
            path={`/api/v1/organisations/${organisationId}/webhooks/`}
            scope={{ type: "organisation", id: String(organisationId) }}
            place={organisation.name}
            may={may}
          />
        </Tabs.Panel>
        <Tabs.Panel value="general">
          <General key={organisation.id} organisation={organisation} may={may} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
