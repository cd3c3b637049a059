/** Every feature as it is in this environment. */
import { Anchor, Badge, Button, Group, NativeSelect, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { createContext, type ReactNode, use, useMemo, useState } from "react";
import { blockingError } from "../../api/errors.ts";
import { environmentQuery } from "../../api/queries.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { usePermissions, useProjectPermissions } from "../../api/use-permissions.ts";
import { CursorTable, columnsOf } from "../../components/cursor-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FlagSwitch } from "../../components/flag.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { LoadingPage } from "../../components/loading.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { SourceBadge } from "../../components/source.tsx";
import { ValueText } from "../../components/value-text.tsx";
import { environmentLook } from "../../frame/environment-look.ts";
import { BulkBar } from "./bulk-bar.tsx";
import { CreateFeature } from "./create-feature.tsx";
import { type Feature, featuresQuery, PAGE_SIZE, patchFlag, type Tag, tagsQuery } from "./feature-queries.ts";
import classes from "./features.module.css";
import { TagBadge, TagFilter } from "./tag-filter.tsx";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/features");

type Search = ReturnType<typeof route.useSearch>;

const Tags = createContext<ReadonlyMap<number, Tag>>(new Map());

const column = columnsOf<Feature>();
const columns = [
  column.display({ id: "name", header: "Feature", cell: ({ row }) => <NameCell feature={row.original} /> }),
  column.display({ id: "state", header: "State", cell: ({ row }) => <StateCell feature={row.original} /> }),
  column.display({
    id: "value",
    header: "Value",
    cell: ({ row }) => (
      <div className={classes["valueCell"]}>
        <ValueText value={row.original.environment_feature_state?.feature_state_value ?? null} longest={32} />
      </div>
    ),
  }),
  column.display({ id: "overrides", header: "Overrides", cell: ({ row }) => <OverridesCell feature={row.original} /> }),
  column.display({ id: "tags", header: "Tags", cell: ({ row }) => <TagsCell feature={row.original} /> }),
];

function NameCell({ feature }: { feature: Feature }) {
  const { projectId, environmentKey } = route.useParams();
  return (
    <div style={{ minWidth: 0 }}>
      <Group gap={8}>
        <Anchor
          fw={600}
          style={{ overflowWrap: "anywhere" }}
          renderRoot={(props) => (
            <Link
              {...props}
              to="/projects/$projectId/environments/$environmentKey/features/$featureId/{-$tab}"
              params={{ projectId, environmentKey, featureId: feature.id, tab: undefined }}
            />
          )}
        >
          {feature.name}
        </Anchor>
        {feature.is_archived && (
          <Badge variant="outline" color="gray" size="sm" tt="none">
            archived
          </Badge>
        )}
        {feature.is_server_key_only && (
          <Badge variant="outline" color="gray" size="sm" tt="none">
            server only
          </Badge>
        )}
      </Group>
      {feature.description && (
        <Text size="sm" c="dimmed" lineClamp={1}>
          {feature.description}
        </Text>
      )}
    </div>
  );
}

function StateCell({ feature }: { feature: Feature }) {
  const { environmentKey } = route.useParams();
  const { data: environment } = useQuery(environmentQuery(environmentKey));
  const client = useQueryClient();
  const may = usePermissions(environmentKey).may("UPDATE_FEATURE_STATE");
  const isOn = feature.environment_feature_state?.enabled ?? false;
  const set = (enabled: boolean) => patchFlag(environmentKey, feature.id, { environment_default: { enabled } });
  const stale = () => client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });
  const place = environment?.name ?? "this environment";
  const { mutate, variables, isPending } = useMutation({
    mutationFn: set,
    onSuccess: async (_saved, enabled) => {
      await stale();
      const undo = async () => {
        await set(!enabled);
        await stale();
      };
      notifyDone(`${feature.name} is ${enabled ? "on" : "off"} in ${place}.`, { undo });
    },
    onError: (error) => notifyError(error, `${feature.name} could not be switched`),
  });
  return (
    <FlagSwitch
      isOn={isPending ? variables : isOn}
      onChange={(enabled) => mutate(enabled)}
      feature={feature.name}
      environment={place}
      disabled={!may.isAllowed}
      reason={may.reason}
    />
  );
}

function OverridesCell({ feature }: { feature: Feature }) {
  const { num_segment_overrides: segments, num_identity_overrides: identities } = feature;
  if (!segments && !identities) return <Text c="dimmed">none</Text>;
  return (
    <Group gap={12}>
      {segments > 0 && <SourceBadge source="segment" name={String(segments)} />}
      {identities !== null && identities > 0 && <SourceBadge source="override" name={String(identities)} />}
    </Group>
  );
}

function TagsCell({ feature }: { feature: Feature }) {
  const tags = use(Tags);
  // Nothing at all where there are none: a card then leaves the line out.
  if (feature.tags.length === 0) return null;
  return (
    <Group gap={4}>
      {feature.tags.map((id) => {
        const tag = tags.get(id);
        return tag && <TagBadge key={id} tag={tag} />;
      })}
    </Group>
  );
}

const SORTS = [
  { value: "name", label: "by name" },
  { value: "-created", label: "newest first" },
  { value: "created", label: "oldest first" },
];

export function FeaturesPage() {
  const { projectId, environmentKey } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const { data: environment } = useQuery(environmentQuery(environmentKey));
  const { data: tags = [] } = useQuery(tagsQuery(projectId));
  const [isCreating, setIsCreating] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const byId = useMemo(() => new Map(tags.map((tag) => [tag.id, tag])), [tags]);
  const may = useProjectPermissions(projectId).may("CREATE_FEATURE");
  const place = { id: environment?.id ?? 0, api_key: environmentKey };
  const { data, error, refetch, isPlaceholderData } = useQuery({
    ...featuresQuery(projectId, place, search),
    enabled: environment !== undefined,
  });
  if (!environment) return <LoadingPage />;
  const go = (to: Partial<Search>, replace = false) =>
    void navigate({
      to: "/projects/$projectId/environments/$environmentKey/features",
      params: { projectId, environmentKey },
      search: { ...search, page: undefined, ...to },
      replace,
    });
  const page = search.page ?? 1;
  const last = data ? Math.ceil(data.count / PAGE_SIZE) : 1;
  const isNarrow = Boolean(search.q || search.tags || search.state || search.archived);
  const create = (
    <GatedButton may={may} onClick={() => setIsCreating(true)}>
      New feature
    </GatedButton>
  );
  const chosen = (data?.results ?? []).filter(({ id }) => selected.has(String(id)));
  return (
    <Tags value={byId}>
      <PageHeader
        title="Features"
        description={`What is on or off in ${environment.name}, and what it carries.`}
        actions={create}
      />
      <Group gap="sm" mb="md">
        <SearchField
          value={search.q ?? ""}
          onSearch={(q) => go({ q: q || undefined }, true)}
          label="Search features"
          style={{ flex: "1 1 14rem", maxWidth: 360 }}
        />
        <NativeSelect
          aria-label="State"
          value={search.state ?? ""}
          onChange={(event) => go({ state: stateOf(event.currentTarget.value) })}
          data={[
            { value: "", label: "on and off" },
            { value: "on", label: "only on" },
            { value: "off", label: "only off" },
          ]}
        />
        <TagFilter
          tags={tags}
          value={search.tags ?? []}
          onChange={(ids) => go({ tags: ids.length ? ids : undefined })}
        />
        <NativeSelect
          aria-label="Archived"
          value={search.archived ? "archived" : ""}
          onChange={(event) => go({ archived: event.currentTarget.value === "archived" || undefined })}
          data={[
            { value: "", label: "in use" },
            { value: "archived", label: "archived" },
          ]}
        />
        <NativeSelect
          aria-label="Order"
          value={search.sort ?? "name"}
          onChange={(event) =>
            go({ sort: event.currentTarget.value === "name" ? undefined : event.currentTarget.value })
          }
          data={SORTS}
        />
      </Group>
      <BulkBar
        features={chosen}
        tags={tags}
        environment={environment}
        isProduction={environmentLook(environment).isProduction}
        onDone={() => setSelected(new Set())}
      />
      {blockingError({ data, error }) ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <CursorTable
          label="Features"
          columns={columns}
          rows={data?.results}
          rowId={({ id }) => String(id)}
          empty={
            <NoFeatures
              isNarrow={isNarrow}
              action={create}
              onClear={() => go({ q: undefined, tags: undefined, state: undefined, archived: undefined })}
            />
          }
          selection={{
            ids: selected,
            onChange: setSelected,
            nameOf: (id) => data?.results.find((feature) => String(feature.id) === id)?.name ?? id,
          }}
          isStale={isPlaceholderData}
          paging={{
            onPrevious: page > 1 ? () => go({ page: page - 1 }) : undefined,
            onNext: page < last ? () => go({ page: page + 1 }) : undefined,
            summary: data && `${data.count} ${data.count === 1 ? "feature" : "features"}`,
          }}
        />
      )}
      <CreateFeature projectId={projectId} opened={isCreating} onClose={() => setIsCreating(false)} />
    </Tags>
  );
}

const stateOf = (text: string): "on" | "off" | undefined => (text === "on" || text === "off" ? text : undefined);

function NoFeatures({ isNarrow, action, onClear }: { isNarrow: boolean; action: ReactNode; onClear: () => void }) {
  if (isNarrow) {
    const clear = (
      <Button variant="default" onClick={onClear}>
        Show all
      </Button>
    );
    return (
      <EmptyState title="No such feature" action={clear}>
        Nothing fits what you are looking for.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No features yet" action={action} example={<code>{'flagsmith.hasFeature("new_checkout")'}</code>}>
      A feature is the thing that you switch: a new page, a price, a limit. Your application asks for it by name.
    </EmptyState>
  );
}
