/** What everybody gets in two environments, side by side, and a way to carry it over. */
import { Badge, Group, NativeSelect, Switch, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { blockingError } from "../../api/errors.ts";
import { environmentsQuery } from "../../api/queries.ts";
import type { Environment } from "../../api/types.ts";
import { useLiveChanges } from "../../api/use-live-changes.ts";
import { CursorTable, columnsOf } from "../../components/cursor-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FlagPennant } from "../../components/flag.tsx";
import { LoadingPage, LoadingRows } from "../../components/loading.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { SourceBadge } from "../../components/source.tsx";
import { ValueText } from "../../components/value-text.tsx";
import { allFeaturesQuery } from "./compare-queries.ts";
import { CopyFeatures } from "./copy-features.tsx";
import { type Pair, pairsOf, type Side } from "./pairs.ts";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/compare");
const PAGE = 50;

type Search = ReturnType<typeof route.useSearch>;

function useGo() {
  const { projectId, environmentKey } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  return (to: Partial<Search>) =>
    void navigate({
      to: "/projects/$projectId/environments/$environmentKey/compare",
      params: { projectId, environmentKey },
      search: { ...search, page: undefined, ...to },
      replace: true,
    });
}

export function ComparePage() {
  const { projectId, environmentKey } = route.useParams();
  const search = route.useSearch();
  const go = useGo();
  const { data, error, refetch } = useQuery(environmentsQuery(projectId));
  if (blockingError({ data, error })) return <ErrorState isPage error={error} onRetry={() => void refetch()} />;
  const here = data?.find(({ api_key }) => api_key === environmentKey);
  if (!data || !here) return <LoadingPage />;
  const others = data.filter(({ api_key }) => api_key !== environmentKey);
  const other = others.find(({ api_key }) => api_key === search.with) ?? others[0];
  const choice = other && (
    <NativeSelect
      label="Beside"
      value={other.api_key}
      onChange={(event) => go({ with: event.currentTarget.value })}
      data={others.map(({ api_key, name }) => ({ value: api_key, label: name }))}
    />
  );
  return (
    <>
      <PageHeader
        title="Compare"
        description={`What everybody gets in ${here.name}, beside another environment.`}
        actions={choice}
      />
      {other ? (
        <Sides key={other.api_key} left={here} right={other} projectId={projectId} />
      ) : (
        <EmptyState title="Nothing to compare with">
          {here.name} is this project's only environment. Make another one from the list of environments.
        </EmptyState>
      )}
    </>
  );
}

interface SidesProps {
  readonly left: Environment;
  readonly right: Environment;
  readonly projectId: number;
}

function Sides({ left, right, projectId }: SidesProps) {
  useLiveChanges(right.api_key, projectId);
  const mine = useQuery(allFeaturesQuery(projectId, left));
  const theirs = useQuery(allFeaturesQuery(projectId, right));
  const error = blockingError(mine) ?? blockingError(theirs);
  if (error) return <ErrorState error={error} onRetry={() => void Promise.all([mine.refetch(), theirs.refetch()])} />;
  if (!mine.data || !theirs.data) return <LoadingRows label="Comparing" />;
  return <Pairs left={left} right={right} pairs={pairsOf(mine.data, theirs.data)} />;
}

const column = columnsOf<Pair>();

/** Named after the environments, as headers and on cards. */
const columnsFor = (left: string, right: string) => [
  column.display({ id: "name", header: "Feature", cell: ({ row }) => <NameCell pair={row.original} /> }),
  column.display({ id: "left", header: left, cell: ({ row }) => <SideCell side={row.original.left} /> }),
  column.display({ id: "right", header: right, cell: ({ row }) => <SideCell side={row.original.right} /> }),
];

function NameCell({ pair }: { pair: Pair }) {
  return (
    <Group gap={8}>
      <Text fw={600} style={{ overflowWrap: "anywhere" }}>
        {pair.name}
      </Text>
      {pair.isChanged && (
        <Badge variant="outline" color="gray" size="sm" tt="none">
          differs
        </Badge>
      )}
    </Group>
  );
}

function SideCell({ side }: { side: Side }) {
  return (
    <Group gap={10}>
      <Group gap={6} wrap="nowrap">
        <FlagPennant isOn={side.enabled} size={16} />
        <Text span fw={600} aria-hidden>
          {side.enabled ? "on" : "off"}
        </Text>
      </Group>
      <ValueText value={side.value} longest={32} />
      {side.segments > 0 && (
        <SourceBadge source="segment" name={side.segments === 1 ? "1 override" : `${side.segments} overrides`} />
      )}
    </Group>
  );
}

interface PairsProps extends Omit<SidesProps, "projectId"> {
  readonly pairs: readonly Pair[];
}

function Pairs({ left, right, pairs }: PairsProps) {
  const search = route.useSearch();
  const go = useGo();
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const columns = useMemo(() => columnsFor(left.name, right.name), [left.name, right.name]);
  const changed = pairs.filter(({ isChanged }) => isChanged);
  const all = search.all ? pairs : changed;
  const last = Math.max(1, Math.ceil(all.length / PAGE));
  const page = Math.min(search.page ?? 1, last);
  const target = search.to === "here" ? "left" : "right";
  const [from, to] = target === "left" ? [right, left] : [left, right];
  return (
    <>
      <Group justify="space-between" mb="md" gap="sm">
        <Text fw={600} aria-live="polite">
          {changed.length === 0 ? "No feature differs" : `${changed.length} of ${pairs.length} features differ`}
        </Text>
        <Switch
          label="Show those that are the same"
          checked={search.all ?? false}
          onChange={(event) => go({ all: event.currentTarget.checked || undefined })}
        />
      </Group>
      {changed.length > 0 && (
        <Group mb="md" gap="sm">
          <NativeSelect
            aria-label="Which way to copy"
            value={target}
            onChange={(event) => go({ to: event.currentTarget.value === "left" ? "here" : undefined })}
            data={[
              { value: "right", label: `${left.name} → ${right.name}` },
              { value: "left", label: `${right.name} → ${left.name}` },
            ]}
          />
          <CopyFeatures
            chosen={changed.filter(({ id }) => ids.has(String(id)))}
            from={from}
            to={to}
            target={target}
            onCopied={() => setIds(new Set())}
          />
        </Group>
      )}
      <CursorTable
        label="Features side by side"
        columns={columns}
        rows={all.slice((page - 1) * PAGE, page * PAGE)}
        rowId={({ id }) => String(id)}
        empty={
          <EmptyState title="They are the same">
            Every feature has the same state and value in {left.name} and in {right.name}.
          </EmptyState>
        }
        {...(changed.length > 0 && {
          selection: {
            ids,
            onChange: setIds,
            nameOf: (id: string) => pairs.find((pair) => String(pair.id) === id)?.name ?? id,
          },
        })}
        paging={{
          onPrevious: page > 1 ? () => go({ page: page - 1 }) : undefined,
          onNext: page < last ? () => go({ page: page + 1 }) : undefined,
        }}
      />
    </>
  );
}
