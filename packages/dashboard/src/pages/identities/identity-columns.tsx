/** The list's columns: the identifier, the traits that are wanted, and what everybody has. */
import { Text } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type Columns, columnsOf } from "../../components/cursor-table.tsx";
import { SourceBadge } from "../../components/source.tsx";
import { RelativeTime } from "../../components/time-ago.tsx";
import { FIXED, isFixed } from "./columns.ts";
import classes from "./identities.module.css";
import type { FoundIdentity } from "./search-queries.ts";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey/identities");
const column = columnsOf<FoundIdentity>();

const MOST_CHIPS = 2;

function IdentifierCell({ identifier }: FoundIdentity) {
  const { projectId, environmentKey } = route.useParams();
  return (
    <Link
      className={classes["identifier"] ?? ""}
      to="/projects/$projectId/environments/$environmentKey/identities/$identifier/{-$tab}"
      params={{ projectId, environmentKey, identifier, tab: undefined }}
      title={identifier.length > 60 ? identifier : undefined}
    >
      {identifier}
    </Link>
  );
}

const None = () => (
  <span className={classes["none"]}>
    <span aria-hidden>–</span>
  </span>
);

function TraitCell({ value }: { value: string | number | boolean | undefined }) {
  if (value === undefined) return <None />;
  const text = value === "" ? "“”" : String(value);
  return (
    <span className={classes["cell"]} title={text.length > 24 ? text : undefined}>
      {text}
    </span>
  );
}

function SegmentsCell({ segments }: FoundIdentity) {
  const { projectId, environmentKey } = route.useParams();
  if (!segments || segments.length === 0) return <None />;
  const rest = segments.slice(MOST_CHIPS);
  return (
    <span className={classes["chips"]}>
      {segments.slice(0, MOST_CHIPS).map(({ id, name }) => (
        <Link
          key={id}
          className={classes["chip"] ?? ""}
          title={name}
          to="/projects/$projectId/environments/$environmentKey/segments/$segmentId"
          params={{ projectId, environmentKey, segmentId: String(id) }}
        >
          {name}
        </Link>
      ))}
      {rest.length > 0 && (
        <span className={classes["more"]} title={rest.map(({ name }) => name).join(", ")}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}

function OverridesCell({ override_count, identifier }: FoundIdentity) {
  const { projectId, environmentKey } = route.useParams();
  if (override_count === 0) return <None />;
  return (
    <Link
      to="/projects/$projectId/environments/$environmentKey/identities/$identifier/{-$tab}"
      params={{ projectId, environmentKey, identifier, tab: undefined }}
      search={{ show: "overridden" }}
      aria-label={`override ${override_count} of ${identifier}`}
      style={{ textDecoration: "none", whiteSpace: "nowrap" }}
    >
      <SourceBadge source="override" name={String(override_count)} />
    </Link>
  );
}

const today = (): string => new Date().toISOString().slice(0, 10);

/** The server keeps the day, no more. */
function DayCell({ last_seen: day }: FoundIdentity) {
  if (day === null) return <Text c="dimmed">never</Text>;
  return day === today() ? <span>today</span> : <RelativeTime at={Date.parse(day) + 43_200_000} />;
}

function fixedCell(id: (typeof FIXED)[number]["id"], identity: FoundIdentity) {
  if (id === ".overrides") return <OverridesCell {...identity} />;
  if (id === ".segments") return <SegmentsCell {...identity} />;
  if (id === ".last_seen") return <DayCell {...identity} />;
  return <RelativeTime at={identity.created_date} />;
}

/** Ids that can be sorted by are named as the address has them. */
export function columnsFor(ids: readonly string[]): Columns<FoundIdentity> {
  return [
    column.display({
      id: "identifier",
      header: "Identifier",
      cell: ({ row }) => <IdentifierCell {...row.original} />,
    }),
    ...ids.map((id) =>
      isFixed(id)
        ? column.display({
            id: id.slice(1),
            header: FIXED.find((fixed) => fixed.id === id)?.header ?? "",
            cell: ({ row }) => fixedCell(id, row.original),
          })
        : column.display({
            id: `trait:${id}`,
            header: id,
            cell: ({ row }) => (
              <TraitCell value={Object.hasOwn(row.original.traits, id) ? row.original.traits[id] : undefined} />
            ),
          }),
    ),
  ];
}
