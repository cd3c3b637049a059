/** One user: what they get, why, and what is known of them. */
import { Group, Tabs, Text } from "@mantine/core";
import { useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { ApiError } from "../../api/errors.ts";
import { projectQuery } from "../../api/queries.ts";
import { CopyText } from "../../components/copy-text.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { LoadingPage, LoadingRows } from "../../components/loading.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { TabRow } from "../../components/tab-row.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";
import { EnvironmentDot } from "../../frame/environment-dot.tsx";
import { EraseIdentity } from "./erase-identity.tsx";
import { FeaturesTab } from "./features-tab.tsx";
import { IdentityActions } from "./identity-actions.tsx";
import { explanationQuery, recordQuery } from "./identity-queries.ts";
import { SegmentsTab } from "./segments-tab.tsx";
import { TraitsTab } from "./traits-tab.tsx";
import { UnknownIdentity } from "./unknown-identity.tsx";
import { identityRouteApi, useIdentityPlace } from "./use-identity.ts";

// Those that are looked at seldom come when they are.
const ActivityTab = lazy(() => import("./activity-tab.tsx").then((module) => ({ default: module.ActivityTab })));
const CompareTab = lazy(() => import("./compare-tab.tsx").then((module) => ({ default: module.CompareTab })));
const TryTab = lazy(() => import("./try-tab.tsx").then((module) => ({ default: module.TryTab })));

const TABS = {
  features: FeaturesTab,
  traits: TraitsTab,
  segments: SegmentsTab,
  try: TryTab,
  compare: CompareTab,
  activity: ActivityTab,
} as const;

type TabName = keyof typeof TABS;

const isTab = (name: string | undefined): name is TabName => name !== undefined && Object.hasOwn(TABS, name);

export function IdentityPage() {
  const [isErasing, setIsErasing] = useState(false);
  const { projectId, environmentKey, identifier } = useIdentityPlace();
  const { data: project } = useSuspenseQuery(projectQuery(projectId));
  const client = useQueryClient();
  const navigate = identityRouteApi.useNavigate();
  const close = async (isErased: boolean) => {
    setIsErasing(false);
    if (!isErased) return;
    const to = "/projects/$projectId/environments/$environmentKey/identities";
    await navigate({ to, params: { projectId, environmentKey } });
    await client.invalidateQueries();
  };
  return (
    <>
      <Content onErase={() => setIsErasing(true)} />
      {/* Here, since the receipt must outlive the identity. */}
      <EraseIdentity
        organisationId={project.organisation}
        projectId={projectId}
        identifier={identifier}
        opened={isErasing}
        onClose={(isErased) => void close(isErased)}
      />
    </>
  );
}

interface ContentProps {
  readonly onErase: () => void;
}

function Content({ onErase }: ContentProps) {
  const { environmentKey, identifier } = useIdentityPlace();
  const { data, error, refetch } = useQuery(recordQuery(environmentKey, identifier));
  if (error instanceof ApiError && error.status === 404) return <UnknownIdentity />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingPage />;
  return <KnownIdentity key={data.record.id} onErase={onErase} />;
}

/** Letters after which an identifier is no headline any more. */
const LONG = 60;

const today = (): string => new Date().toISOString().slice(0, 10);

/** The server keeps the day, no more. */
export const LastSeen = ({ day }: { day: string | null }) =>
  day === today() ? <span>today</span> : <RelativeTime at={day === null ? null : Date.parse(day) + 43_200_000} />;

function KnownIdentity({ onErase }: ContentProps) {
  const { environmentKey, identifier, environment } = useIdentityPlace();
  const { tab } = identityRouteApi.useParams();
  const navigate = identityRouteApi.useNavigate();
  const { data } = useQuery(recordQuery(environmentKey, identifier));
  const { data: explanation } = useQuery(explanationQuery(environmentKey, identifier));
  if (!data) return <LoadingPage />;
  const { record } = data;
  const name = isTab(tab) ? tab : "features";
  const Tab = TABS[name];
  const inside = explanation?.segments.filter(({ is_member }) => is_member).length;
  const go = (to: string | null) =>
    void navigate({
      params: (before) => ({ ...before, tab: to === "features" || to === null ? undefined : to }),
      search: {},
    });
  return (
    <>
      <PageHeader
        title={
          <span style={{ fontSize: identifier.length > LONG ? 16 : undefined }}>
            <CopyText text={identifier} what="identifier" />
          </span>
        }
        documentTitle={identifier}
        description={
          <Group gap="4px 16px">
            <span>
              last seen <LastSeen day={record.last_seen} />
            </span>
            <span>
              created <RelativeTime at={record.created_date} />
            </span>
            <Group component="span" gap={6}>
              in <EnvironmentDot environment={environment} /> {environment.name}
            </Group>
          </Group>
        }
        actions={<IdentityActions record={record} onErase={onErase} />}
      />
      <Tabs value={name} onChange={go} keepMounted={false}>
        <TabRow active={name}>
          <TabOf name="features" count={explanation?.flags.length}>
            Features
          </TabOf>
          <TabOf name="traits" count={record.traits_hidden ? undefined : record.traits.length}>
            Traits
          </TabOf>
          <TabOf name="segments" count={inside}>
            Segments
          </TabOf>
          <TabOf name="try">Try it</TabOf>
          <TabOf name="compare">Compare</TabOf>
          <TabOf name="activity">Activity</TabOf>
        </TabRow>
        <Tabs.Panel value={name}>
          <Suspense fallback={<LoadingRows />}>
            <Tab />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

interface TabOfProps {
  readonly name: TabName;
  readonly count?: number | undefined;
  readonly children: ReactNode;
}

function TabOf({ name, count, children }: TabOfProps) {
  return (
    <Tabs.Tab value={name}>
      {children}
      {count !== undefined && (
        <Text component="span" size="sm" lh={1} c="dimmed" ml={6}>
          {count}
        </Text>
      )}
    </Tabs.Tab>
  );
}
