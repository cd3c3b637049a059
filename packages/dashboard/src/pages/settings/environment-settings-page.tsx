import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { environmentQuery } from "../../api/queries.ts";
import { usePermissions } from "../../api/use-permissions.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { Grants } from "../../components/grants.tsx";
import { LoadingPage } from "../../components/loading.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { TabRow } from "../../components/tab-row.tsx";
import { Webhooks } from "../../components/webhooks.tsx";
import { EnvironmentGeneral } from "./environment-general.tsx";
import { EnvironmentKeys } from "./environment-keys.tsx";
import { EnvironmentSdk } from "./environment-sdk.tsx";
import { Retention } from "./retention.tsx";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/settings/{-$tab}");

const TABS = ["general", "sdk", "keys", "identities", "webhooks", "permissions"] as const;
const WORDS = {
  general: "General",
  sdk: "SDKs",
  keys: "Keys",
  identities: "Identities",
  webhooks: "Webhooks",
  permissions: "Permissions",
} as const;

export function EnvironmentSettingsPage() {
  const { projectId, environmentKey, tab: named } = route.useParams();
  const navigate = useNavigate();
  const { data: environment, error, refetch } = useQuery(environmentQuery(environmentKey));
  const permissions = usePermissions(environmentKey);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!environment) return <LoadingPage />;
  const tab = TABS.find((each) => each === named) ?? "general";
  const go = (next: string | null) =>
    void navigate({
      to: "/projects/$projectId/environments/$environmentKey/settings/{-$tab}",
      params: { projectId, environmentKey, tab: next === "general" || next === null ? undefined : next },
    });
  return (
    <>
      <PageHeader
        title="Environment settings"
        description={
          <>
            What holds for {environment.name} alone. What all environments share is in the{" "}
            <Link to="/projects/$projectId/settings" params={{ projectId }} style={{ textDecoration: "underline" }}>
              project's settings
            </Link>
            .
          </>
        }
      />
      <Tabs value={tab} onChange={go} keepMounted={false}>
        <TabRow active={tab}>
          {TABS.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {WORDS[each]}
            </Tabs.Tab>
          ))}
        </TabRow>
        <Tabs.Panel value="general">
          <EnvironmentGeneral key={environment.id} environment={environment} projectId={projectId} />
        </Tabs.Panel>
        <Tabs.Panel value="sdk">
          <EnvironmentSdk environment={environment} />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <EnvironmentKeys environment={environment} />
        </Tabs.Panel>
        <Tabs.Panel value="identities">
          <Retention environment={environment} />
        </Tabs.Panel>
        <Tabs.Panel value="webhooks">
          <Webhooks
            path={`/api/v1/environments/${encodeURIComponent(environment.api_key)}/webhooks/`}
            scope={{ type: "environment", id: environment.api_key }}
            place={environment.name}
            may={permissions.may("ADMIN")}
          />
        </Tabs.Panel>
        <Tabs.Panel value="permissions">
          <Grants scope="environment" id={environment.api_key} projectId={projectId} place={environment.name} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
