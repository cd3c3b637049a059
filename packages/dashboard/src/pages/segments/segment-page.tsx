import { Button, Group, Menu, Modal, Stack, Tabs, Text } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { blockingError } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { useProjectPermissions } from "../../api/use-permissions.ts";
import { ErrorState } from "../../components/error-state.tsx";
import { LoadingPage } from "../../components/loading.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { TabRow } from "../../components/tab-row.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";
import { usePlace } from "../../frame/use-place.ts";
import { DeleteSegment } from "./delete-segment.tsx";
import { MembersList } from "./members-list.tsx";
import { type SegmentDraft, SegmentForm } from "./segment-form.tsx";
import { type Segment, segmentQuery } from "./segment-queries.ts";
import { WhereUsedList } from "./where-used-list.tsx";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/segments/$segmentId");

export function SegmentPage() {
  const { segmentId, projectId } = route.useParams();
  const isNew = segmentId === "new";
  const id = /^[1-9]\d{0,14}$/.test(segmentId) ? Number(segmentId) : 0;
  const { data, error, refetch } = useQuery({ ...segmentQuery(projectId, id), enabled: !isNew });
  if (isNew) return <NewSegment />;
  if (blockingError({ data, error })) return <ErrorState isPage error={error} onRetry={() => void refetch()} />;
  if (!data) return <LoadingPage />;
  return <OneSegment key={data.id} segment={data} />;
}

function NewSegment() {
  const { projectId, environmentKey } = route.useParams();
  const { environment } = usePlace();
  const client = useQueryClient();
  const navigate = useNavigate();
  const permissions = useProjectPermissions(projectId);
  if (!environment) return <LoadingPage />;
  const save = async (draft: SegmentDraft) => {
    const made = await api.post<Segment>(apiPath`/projects/${projectId}/segments/`, draft);
    await client.invalidateQueries({ queryKey: queryKeys.project(projectId) });
    notifyDone(`The segment ${made.name} exists.`);
    await navigate({
      to: "/projects/$projectId/environments/$environmentKey/segments/$segmentId",
      params: { projectId, environmentKey, segmentId: String(made.id) },
    });
  };
  return (
    <>
      <PageHeader title="New segment" description="Everyone for whom these rules hold, in every environment." />
      <SegmentForm
        environment={environment}
        segment={undefined}
        may={permissions.may("MANAGE_SEGMENTS")}
        onSave={save}
      />
    </>
  );
}

function OneSegment({ segment }: { segment: Segment }) {
  const { projectId, environmentKey } = route.useParams();
  const { tab = "rules" } = route.useSearch();
  const navigate = useNavigate();
  const { environment } = usePlace();
  const client = useQueryClient();
  const permissions = useProjectPermissions(projectId);
  const may = permissions.may("MANAGE_SEGMENTS");
  const [conflict, setConflict] = useState<{ readonly draft: SegmentDraft; readonly now: Segment }>();
  // What the form began with: a newer one shows only when it is asked for, so that nothing typed is lost.
  const [base, setBase] = useState(segment);
  if (!environment) return <LoadingPage />;
  const path = apiPath`/projects/${projectId}/segments/${segment.id}/`;
  const write = async (draft: SegmentDraft) => {
    const saved = await api.put<Segment>(path, draft);
    client.setQueryData(segmentQuery(projectId, segment.id).queryKey, saved);
    await client.invalidateQueries({ queryKey: queryKeys.project(projectId) });
    setBase(saved);
    notifyDone(`Saved ${saved.name}.`);
  };
  const save = async (draft: SegmentDraft) => {
    const now = await api.get<Segment>(path);
    if (now.updated_at !== base.updated_at) return setConflict({ draft, now });
    await write(draft);
  };
  const go = (next: string | null) =>
    void navigate({
      to: "/projects/$projectId/environments/$environmentKey/segments/$segmentId",
      params: { projectId, environmentKey, segmentId: String(segment.id) },
      search: next === "members" || next === "used" ? { tab: next } : {},
    });
  return (
    <>
      <PageHeader
        title={segment.name}
        description={
          <>
            Changed <RelativeTime at={segment.updated_at} />
            {segment.feature !== null && ". Only one feature uses it."}
          </>
        }
        actions={may.isAllowed && <More segment={segment} />}
      />
      <Tabs value={tab} onChange={go} keepMounted={false}>
        <TabRow active={tab}>
          <Tabs.Tab value="rules">Rules</Tabs.Tab>
          <Tabs.Tab value="members">Members</Tabs.Tab>
          <Tabs.Tab value="used">Used by</Tabs.Tab>
        </TabRow>
        <Tabs.Panel value="rules">
          <SegmentForm key={base.updated_at} environment={environment} segment={base} may={may} onSave={save} />
        </Tabs.Panel>
        <Tabs.Panel value="members">
          <MembersList projectId={projectId} segmentId={segment.id} environment={environment} />
        </Tabs.Panel>
        <Tabs.Panel value="used">
          <WhereUsedList projectId={projectId} segmentId={segment.id} />
        </Tabs.Panel>
      </Tabs>
      <Modal
        opened={conflict !== undefined}
        onClose={() => setConflict(undefined)}
        title="Somebody else changed this segment"
      >
        <Stack gap="md">
          <Text>
            It was saved <RelativeTime at={conflict?.now.updated_at ?? null} /> while you were editing. Nothing of yours
            has been stored.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setConflict(undefined)}>
              Go on editing
            </Button>
            <Button
              variant="default"
              onClick={() => {
                if (conflict) setBase(conflict.now);
                setConflict(undefined);
              }}
            >
              Show theirs
            </Button>
            <Button
              color="red.9"
              onClick={() => {
                if (conflict) write(conflict.draft).catch((error: unknown) => notifyError(error));
                setConflict(undefined);
              }}
            >
              Save mine over it
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

function More({ segment }: { segment: Segment }) {
  const { projectId, environmentKey } = route.useParams();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [isDeleting, setIsDeleting] = useState(false);
  const goTo = (segmentId: string) =>
    navigate({
      to: "/projects/$projectId/environments/$environmentKey/segments/$segmentId",
      params: { projectId, environmentKey, segmentId },
    });
  const clone = async () => {
    try {
      const path = apiPath`/projects/${projectId}/segments/${segment.id}/clone/`;
      const made = await api.post<Segment>(path, { name: `${segment.name} (copy)` });
      await client.invalidateQueries({ queryKey: queryKeys.project(projectId) });
      notifyDone(`This is the copy, ${made.name}.`);
      await goTo(String(made.id));
    } catch (error) {
      notifyError(error, "It could not be copied");
    }
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDots size={16} aria-hidden />}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void clone()}>Make a copy</Menu.Item>
          <Menu.Item color="red" onClick={() => setIsDeleting(true)}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <DeleteSegment
        projectId={projectId}
        segment={segment}
        opened={isDeleting}
        onClose={() => setIsDeleting(false)}
        onDeleted={() =>
          void navigate({
            to: "/projects/$projectId/environments/$environmentKey/segments",
            params: { projectId, environmentKey },
          })
        }
      />
    </>
  );
}
