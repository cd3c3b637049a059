import { Anchor, Button, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { blockingError } from "../../api/errors.ts";
import { useProjectPermissions } from "../../api/use-permissions.ts";
import { CursorTable, columnsOf } from "../../components/cursor-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";
import { sayEstimate } from "./live-count.tsx";
import { sayCondition } from "./operators.ts";
import type { WireRule } from "./rule-tree.ts";
import { PAGE_SIZE, previewQuery, type Segment, segmentsQuery, whereUsedQuery } from "./segment-queries.ts";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/segments");

/** The rules in a line: enough to tell one segment from another. */
export function sayRules(rules: readonly WireRule[], most = 3): string {
  const all = rules.flatMap(conditionsOf);
  const shown = all.slice(0, most).map(sayCondition).join("; ");
  return all.length > most ? `${shown}; and ${all.length - most} more` : shown;
}

const conditionsOf = (rule: WireRule): WireRule["conditions"] => [
  ...rule.conditions,
  ...rule.rules.flatMap(conditionsOf),
];

const column = columnsOf<Segment>();
const columns = [
  column.display({
    id: "name",
    header: "Segment",
    cell: ({ row }) => <NameCell segment={row.original} />,
  }),
  column.display({ id: "size", header: "Size", cell: ({ row }) => <SizeCell segment={row.original} /> }),
  column.display({ id: "use", header: "Used by", cell: ({ row }) => <UseCell segment={row.original} /> }),
  column.display({
    id: "changed",
    header: "Changed",
    cell: ({ row }) => <RelativeTime at={row.original.updated_at} />,
  }),
];

function NameCell({ segment }: { segment: Segment }) {
  const { projectId, environmentKey } = route.useParams();
  return (
    <div style={{ minWidth: 0 }}>
      <Anchor
        fw={600}
        style={{ overflowWrap: "anywhere" }}
        renderRoot={(props) => (
          <Link
            {...props}
            to="/projects/$projectId/environments/$environmentKey/segments/$segmentId"
            params={{ projectId, environmentKey, segmentId: String(segment.id) }}
          />
        )}
      >
        {segment.name}
      </Anchor>
      <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
        {segment.description || sayRules(segment.rules)}
      </Text>
    </div>
  );
}

function SizeCell({ segment }: { segment: Segment }) {
  const { environmentKey } = route.useParams();
  const { data, error } = useQuery(previewQuery(environmentKey, segment.rules, segment.id));
  if (error) return <Text c="dimmed">not shown to you</Text>;
  return data ? (
    <span style={{ whiteSpace: "nowrap" }}>{sayEstimate(data.estimate)}</span>
  ) : (
    <Skeleton height={16} width={120} />
  );
}

function UseCell({ segment }: { segment: Segment }) {
  const { projectId } = route.useParams();
  const { data, error } = useQuery(whereUsedQuery(projectId, segment.id));
  if (error) return <Text c="dimmed">unknown</Text>;
  if (!data) return <Skeleton height={16} width={80} />;
  const features = new Set(data.results.map(({ feature }) => feature.name));
  if (features.size === 0) return <Text c="dimmed">nothing</Text>;
  const [first, ...rest] = features;
  return (
    <span style={{ display: "block", minWidth: 130, overflowWrap: "anywhere" }}>
      {first}
      {rest.length > 0 && ` and ${rest.length} more`}
    </span>
  );
}

export function SegmentsPage() {
  const { projectId, environmentKey } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const permissions = useProjectPermissions(projectId);
  const { data, error, refetch, isPlaceholderData } = useQuery(segmentsQuery(projectId, search));
  const page = search.page ?? 1;
  const go = (to: { q?: string | undefined; page?: number | undefined }) =>
    void navigate({
      to: "/projects/$projectId/environments/$environmentKey/segments",
      params: { projectId, environmentKey },
      search: { q: search.q, ...to },
      replace: to.q !== undefined,
    });
  const create = (
    <GatedButton
      may={permissions.may("MANAGE_SEGMENTS")}
      onClick={() =>
        void navigate({
          to: "/projects/$projectId/environments/$environmentKey/segments/$segmentId",
          params: { projectId, environmentKey, segmentId: "new" },
        })
      }
    >
      New segment
    </GatedButton>
  );
  const empty = search.q ? (
    <EmptyState
      title="No such segment"
      action={
        <Button variant="default" onClick={() => go({ q: "" })}>
          Show all
        </Button>
      }
    >
      No segment has “{search.q}” in its name.
    </EmptyState>
  ) : (
    <EmptyState title="No segments yet" action={create}>
      A segment is everyone for whom its rules hold, such as “plan is pro” or “10 % of everyone”. Give its members other
      values of a feature than the rest.
    </EmptyState>
  );
  const last = data ? Math.ceil(data.count / PAGE_SIZE) : 1;
  return (
    <>
      <PageHeader title="Segments" description="Named sets of users, described by rules." actions={create} />
      <SearchField
        value={search.q ?? ""}
        onSearch={(q) => go({ q: q || undefined })}
        label="Search segments"
        maw={360}
        mb="md"
      />
      {blockingError({ data, error }) ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <CursorTable
          label="Segments"
          columns={columns}
          rows={data?.results}
          rowId={({ id }) => String(id)}
          empty={empty}
          isStale={isPlaceholderData}
          paging={{
            onPrevious: page > 1 ? () => go({ page: page - 1 }) : undefined,
            onNext: page < last ? () => go({ page: page + 1 }) : undefined,
            summary: data && `${data.count} ${data.count === 1 ? "segment" : "segments"}`,
          }}
        />
      )}
    </>
  );
}
