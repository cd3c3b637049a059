/** One feature as it is in this environment: for everybody, for segments, for single identities, and since when. */
import { Badge, Group, Tabs } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { blockingError } from "../../api/errors.ts";
import { environmentQuery } from "../../api/queries.ts";
import { usePermissions, useProjectPermissions } from "../../api/use-permissions.ts";
import { AuditList } from "../../components/audit-list.tsx";
import { CopyText } from "../../components/copy-text.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FlagSwitch } from "../../components/flag.tsx";
import { LoadingPage, LoadingRows } from "../../components/loading.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { TabRow } from "../../components/tab-row.tsx";
import { type Feature, featureQuery, flagQuery, overrideCountQuery, tagsQuery } from "./feature-queries.ts";
import { FlagConflictDialog } from "./flag-conflict.tsx";
import type { TabProps } from "./tab-props.ts";
import { TagBadge } from "./tag-filter.tsx";
import { useFlagWrite } from "./use-flag-write.ts";
import { ValueTab } from "./value-tab.tsx";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/features/$featureId/{-$tab}");

// Only the first tab comes with the page.
const RolloutTab = lazy(() => import("./rollout-tab.tsx").then((module) => ({ default: module.RolloutTab })));
const IdentitiesTab = lazy(() => import("./identities-tab.tsx").then((module) => ({ default: module.IdentitiesTab })));
const SettingsTab = lazy(() => import("./settings-tab.tsx").then((module) => ({ default: module.SettingsTab })));
const SegmentsTab = lazy(() => import("./segments-tab.tsx").then((module) => ({ default: module.SegmentsTab })));
const UsageTab = lazy(() => import("./usage-tab.tsx").then((module) => ({ default: module.UsageTab })));

const TABS = ["value", "rollout", "segments", "identities", "usage", "history", "settings"] as const;
type Tab = (typeof TABS)[number];

const isTab = (text: string | undefined | null): text is Tab => TABS.some((tab) => tab === text);

export function FeaturePage() {
  const { projectId, environmentKey, featureId } = route.useParams();
  const place = useQuery(environmentQuery(environmentKey));
  const environment = place.data;
  const there = { id: environment?.id ?? 0, api_key: environmentKey };
  const feature = useQuery({ ...featureQuery(projectId, there, featureId), enabled: environment !== undefined });
  const flag = useQuery(flagQuery(environmentKey, featureId));
  const error = blockingError(place) ?? blockingError(feature) ?? blockingError(flag);
  if (error) {
    const again = () => void Promise.all([feature.refetch(), flag.refetch()]);
    return <ErrorState isPage error={error} onRetry={again} />;
  }
  if (!environment || !feature.data || !flag.data) return <LoadingPage />;
  return <OneFeature key={featureId} feature={feature.data} flag={flag.data} environment={environment} />;
}

function OneFeature({ feature, flag, environment }: Pick<TabProps, "feature" | "flag" | "environment">) {
  const { projectId, environmentKey, tab: named } = route.useParams();
  const navigate = useNavigate();
  const tab: Tab = isTab(named) ? named : "value";
  const write = useFlagWrite(environmentKey, projectId, feature.id);
  const props: TabProps = { feature, flag, environment, projectId, write };
  const go = (next: string | null) =>
    void navigate({
      to: "/projects/$projectId/environments/$environmentKey/features/$featureId/{-$tab}",
      params: { projectId, environmentKey, featureId: feature.id, tab: next === "value" || !next ? undefined : next },
    });
  const { data: identities } = useQuery(overrideCountQuery(environmentKey, feature.id));
  return (
    <>
      <PageHeader
        title={<CopyText text={feature.name} what="name" />}
        documentTitle={feature.name}
        description={feature.description || undefined}
        actions={<MainSwitch {...props} />}
      />
      <FeatureTags feature={feature} projectId={projectId} />
      <Tabs value={tab} onChange={go} keepMounted={false}>
        <TabRow active={tab}>
          <Tabs.Tab value="value">Value</Tabs.Tab>
          <Tabs.Tab value="rollout">Rollout</Tabs.Tab>
          <Tabs.Tab value="segments">Segments{count(flag.segment_overrides.length)}</Tabs.Tab>
          <Tabs.Tab value="identities">Identities{count(identities?.count ?? 0, identities?.exact)}</Tabs.Tab>
          <Tabs.Tab value="usage">Usage</Tabs.Tab>
          <Tabs.Tab value="history">History</Tabs.Tab>
          <Tabs.Tab value="settings">Settings</Tabs.Tab>
        </TabRow>
        <Suspense fallback={<LoadingRows rows={3} />}>
          <Tabs.Panel value="value">
            <ValueTab {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="rollout">
            <RolloutTab {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="segments">
            <SegmentsTab {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="identities">
            <IdentitiesTab {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="usage">
            <UsageTab {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <History {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="settings">
            <SettingsTab {...props} />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
      <FlagConflictDialog write={write} />
    </>
  );
}

const count = (number: number, isExact = true): string => (number > 0 ? ` (${number}${isExact ? "" : "+"})` : "");

function MainSwitch({ feature, flag, environment, write }: TabProps) {
  const may = usePermissions(environment.api_key).may("UPDATE_FEATURE_STATE");
  const isOn = flag.environment_default.enabled;
  const { mutate, isPending, variables } = useMutation({
    mutationFn: (enabled: boolean) => write.save(flag, { environment_default: { enabled } }),
    onSuccess: (saved, enabled) => {
      if (!saved) return;
      const undo = () => write.overwrite({ environment_default: { enabled: !enabled } });
      notifyDone(`${feature.name} is ${enabled ? "on" : "off"} in ${environment.name}.`, { undo });
    },
    onError: (error) => notifyError(error, `${feature.name} could not be switched`),
  });
  return (
    <FlagSwitch
      isOn={isPending ? variables : isOn}
      onChange={(enabled) => mutate(enabled)}
      feature={feature.name}
      environment={environment.name}
      disabled={!may.isAllowed}
      reason={may.reason}
      withLabel
    />
  );
}

function FeatureTags({ feature, projectId }: { feature: Feature; projectId: number }) {
  const { data: tags = [] } = useQuery(tagsQuery(projectId));
  const own = tags.filter(({ id }) => feature.tags.includes(id));
  if (own.length === 0 && !feature.is_archived && !feature.is_server_key_only) return null;
  return (
    <Group gap={8} mb="md">
      {own.map((tag) => (
        <TagBadge key={tag.id} tag={tag} />
      ))}
      {feature.is_server_key_only && (
        <Badge variant="outline" color="gray" tt="none">
          server keys only
        </Badge>
      )}
      {feature.is_archived && (
        <Badge variant="outline" color="gray" tt="none">
          archived
        </Badge>
      )}
    </Group>
  );
}

function History({ feature, environment, projectId }: TabProps) {
  const { page = 1 } = route.useSearch();
  const navigate = useNavigate();
  const may = useProjectPermissions(projectId).may("VIEW_AUDIT_LOG");
  if (may.reason !== undefined) return <EmptyState title="Not yours to see">{may.reason}</EmptyState>;
  const params = { projectId, environmentKey: environment.api_key, featureId: feature.id, tab: "history" };
  return (
    <AuditList
      projectId={projectId}
      filter={{ feature: feature.id }}
      page={page}
      onPage={(next) =>
        void navigate({
          to: "/projects/$projectId/environments/$environmentKey/features/$featureId/{-$tab}",
          params,
          search: { page: next },
        })
      }
      empty={<EmptyState title="Nothing has changed yet">Each change of this feature is kept here.</EmptyState>}
    />
  );
}
