/** The catalogue: which traits an environment's identities have, and what is known of them. */
import { Badge, Group, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { CursorTable, columnsOf } from "../../components/cursor-table.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";
import { useCursorStack } from "../../components/use-cursor-stack.ts";
import { valueInOneLine } from "../../components/value-format.ts";
import { TraitDrawer } from "./trait-drawer.tsx";
import { type CatalogueTrait, cataloguePageQuery } from "./trait-queries.ts";
import classes from "./traits.module.css";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/traits");

const numbers = new Intl.NumberFormat();
const TYPE_WORDS = { string: "text", number: "number", boolean: "yes or no" } as const;

/** "text", or "text 98 %, number 2 %": a second type is most often a slip of the application. */
export function sayTypes(types: CatalogueTrait["types"]): string {
  const total = types.reduce((sum, { count }) => sum + count, 0);
  if (types.length < 2 || total === 0) return types.map(({ type }) => TYPE_WORDS[type]).join();
  return types.map(({ type, count }) => `${TYPE_WORDS[type]} ${Math.round((100 * count) / total)} %`).join(", ");
}

const column = columnsOf<CatalogueTrait>();
const columns = [
  column.display({ id: "key", header: "Trait", cell: ({ row }) => <KeyCell trait={row.original} /> }),
  column.display({ id: "types", header: "Type", cell: ({ row }) => <Types types={row.original.types} /> }),
  column.display({ id: "count", header: "Identities", cell: ({ row }) => numbers.format(row.original.count) }),
  column.display({ id: "examples", header: "Examples", cell: ({ row }) => <Examples trait={row.original} /> }),
  column.display({
    id: "seen",
    header: "Last written",
    cell: ({ row }) => <RelativeTime at={row.original.last_seen} never="not known" />,
  }),
  column.display({
    id: "segments",
    header: "Segments",
    cell: ({ row }) => row.original.segments.map(({ name }) => name).join(", ") || "none",
  }),
];

const Types = ({ types }: Pick<CatalogueTrait, "types">) => (
  <span style={{ whiteSpace: types.length < 2 ? "nowrap" : undefined }}>{sayTypes(types)}</span>
);

function KeyCell({ trait }: { trait: CatalogueTrait }) {
  const { projectId, environmentKey } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const open = () =>
    void navigate({
      to: "/projects/$projectId/environments/$environmentKey/traits",
      params: { projectId, environmentKey },
      search: { ...search, trait: trait.key },
    });
  return (
    <div style={{ minWidth: 0 }}>
      <Group gap={8}>
        <UnstyledButton className={classes["key"] ?? ""} onClick={open} aria-haspopup="dialog">
          {trait.key}
        </UnstyledButton>
        {trait.is_personal && (
          <Badge variant="outline" color="gray" size="sm" tt="none">
            personal data
          </Badge>
        )}
      </Group>
      {trait.description && (
        <Text size="sm" c="dimmed">
          {trait.description}
        </Text>
      )}
    </div>
  );
}

function Examples({ trait }: { trait: CatalogueTrait }) {
  if (trait.is_personal) return <Text c="dimmed">not shown</Text>;
  return (
    <span className={classes["examples"]}>
      {trait.examples.slice(0, 3).map((value) => (
        <code key={`${typeof value}${value}`}>{valueInOneLine(value, 24)}</code>
      ))}
    </span>
  );
}

export function TraitsPage() {
  const { projectId, environmentKey } = route.useParams();
  const { q, trait } = route.useSearch();
  const navigate = useNavigate();
  const stack = useCursorStack(`${environmentKey} ${q ?? ""}`);
  const { data, error, refetch, isPlaceholderData } = useQuery(cataloguePageQuery(environmentKey, q, stack.cursor));
  const go = (search: { q?: string | undefined; trait?: string | undefined }, replace = false) =>
    void navigate({
      to: "/projects/$projectId/environments/$environmentKey/traits",
      params: { projectId, environmentKey },
      search,
      replace,
    });
  const next = data?.next;
  return (
    <>
      <PageHeader title="Traits" description="What your application says of its users." />
      <SearchField
        value={q ?? ""}
        onSearch={(text) => go({ q: text || undefined }, true)}
        label="Search traits"
        maw={{ base: undefined, sm: 360 }}
        mb="md"
      />
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <CursorTable
          label="Traits"
          columns={columns}
          rows={data?.results}
          rowId={({ key }) => key}
          empty={<NoTraits q={q} />}
          isStale={isPlaceholderData}
          paging={{ onPrevious: stack.previous, onNext: next ? () => stack.next(next) : undefined }}
        />
      )}
      <TraitDrawer environmentKey={environmentKey} traitKey={trait} projectId={projectId} onClose={() => go({ q })} />
    </>
  );
}

function NoTraits({ q }: { q: string | undefined }) {
  if (q) return <EmptyState title="No such trait">No trait has “{q}” in its key.</EmptyState>;
  return (
    <EmptyState
      title="No traits yet"
      example={<code>{'flagsmith.identify("ana@shop.io", { plan: "pro", age: 34 })'}</code>}
    >
      A trait is a named fact about a user, such as plan = “pro”. Traits appear here as your application sends them.
    </EmptyState>
  );
}
