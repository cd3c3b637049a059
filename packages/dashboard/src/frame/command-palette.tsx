/** Goes to any page, environment, project, feature, segment or identity. Fetched when it is first opened. */
import "@mantine/spotlight/styles.css";
import { useDebouncedValue } from "@mantine/hooks";
import { createSpotlight, Spotlight, type SpotlightActionGroupData } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api, apiPath } from "../api/client.ts";
import { projectsQuery } from "../api/queries.ts";
import { queryKeys } from "../api/query-keys.ts";
import type { Paged } from "../api/types.ts";
import { PAGES } from "./rail.tsx";
import type { CurrentPlace } from "./use-place.ts";

const [store, spotlight] = createSpotlight();
const BASE = "/projects/$projectId/environments/$environmentKey";
const MOST = 6;

interface Found {
  readonly features: readonly { readonly id: number; readonly name: string }[];
  readonly segments: readonly { readonly id: number; readonly name: string }[];
  readonly identities: readonly { readonly id: number; readonly identifier: string }[];
}

/** What may not be seen is not found; the rest is shown all the same. */
async function find(projectId: number, environmentKey: string, text: string, signal: AbortSignal): Promise<Found> {
  async function list<T>(path: string, query: Record<string, string | number>): Promise<readonly T[]> {
    const options = { signal, query: { ...query, page_size: MOST } };
    return api.get<Paged<T>>(path, options).then(
      ({ results }) => results,
      () => [],
    );
  }
  const [features, segments, identities] = await Promise.all([
    list<Found["features"][number]>(apiPath`/projects/${projectId}/features/`, { search: text }),
    list<Found["segments"][number]>(apiPath`/projects/${projectId}/segments/`, { q: text }),
    list<Found["identities"][number]>(apiPath`/environments/${environmentKey}/identities/`, { q: text }),
  ]);
  return { features, segments, identities };
}

export interface CommandPaletteProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly place: CurrentPlace;
}

export function CommandPalette({ opened, onClose, place }: CommandPaletteProps) {
  const [text, setText] = useState("");
  useEffect(() => (opened ? spotlight.open() : spotlight.close()), [opened]);
  const actions = useActions(place, text.trim(), opened);
  return (
    <Spotlight
      store={store}
      actions={actions}
      query={text}
      onQueryChange={setText}
      onSpotlightClose={onClose}
      shortcut={null}
      centered={false}
      overlayProps={{ backgroundOpacity: 0.4 }}
      attributes={{ content: { "aria-label": "Search or jump to" } }}
      highlightQuery
      scrollable
      maxHeight={420}
      limit={40}
      // The server has chosen what fits of features, segments and identities; the rest is few.
      filter={(query, all) => filterGroups(query, all as SpotlightActionGroupData[])}
      nothingFound="Nothing found"
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: "A feature, a user, a segment, a page…",
        "aria-label": "Search or jump to",
      }}
    />
  );
}

/** As the library does on each letter; what it calls for that it keeps to itself. */
function selectFirst(): void {
  const list = document.getElementById(store.getState().listId);
  const [first] = list?.querySelectorAll("[data-action]") ?? [];
  if (!first) return;
  list?.querySelector("[data-selected]")?.removeAttribute("data-selected");
  first.setAttribute("data-selected", "true");
  first.scrollIntoView({ block: "nearest" });
  store.updateState((state) => ({ ...state, selected: 0 }));
}

const FROM_SERVER = new Set(["Features", "Segments", "Identities"]);

function filterGroups(query: string, groups: readonly SpotlightActionGroupData[]): SpotlightActionGroupData[] {
  const wanted = query.trim().toLowerCase();
  return groups
    .map((group) => ({
      ...group,
      actions: FROM_SERVER.has(group.group)
        ? group.actions
        : group.actions.filter(({ label = "" }) => label.toLowerCase().includes(wanted)),
    }))
    .filter(({ actions }) => actions.length > 0);
}

function useActions(place: CurrentPlace, text: string, opened: boolean): SpotlightActionGroupData[] {
  const { project, environment, environments } = place;
  const navigate = useNavigate();
  const [wanted] = useDebouncedValue(text, 150);
  const { data: projects = [] } = useQuery({ ...projectsQuery, enabled: opened });
  const { data: found } = useQuery({
    queryKey: [...queryKeys.environment(environment?.api_key ?? ""), "jump", wanted],
    queryFn: ({ signal }) => find(project?.id ?? 0, environment?.api_key ?? "", wanted, signal),
    enabled: opened && wanted !== "" && project !== undefined && environment !== undefined,
    placeholderData: keepPreviousData,
  });
  // What was chosen while the server was asked is pushed down by what it found: the best is on top again.
  useEffect(() => {
    if (found === undefined) return undefined;
    const frame = requestAnimationFrame(selectFirst);
    return () => cancelAnimationFrame(frame);
  }, [found]);
  const groups: SpotlightActionGroupData[] = [];
  if (project && environment) {
    const params = { projectId: project.id, environmentKey: environment.api_key };
    if (found && text !== "") {
      groups.push(
        {
          group: "Features",
          actions: found.features.map(({ id, name }) => ({
            id: `feature-${id}`,
            label: name,
            onClick: () =>
              void navigate({ to: `${BASE}/features/$featureId/{-$tab}`, params: { ...params, featureId: id } }),
          })),
        },
        {
          group: "Identities",
          actions: found.identities.map(({ id, identifier }) => ({
            id: `identity-${id}`,
            label: identifier,
            onClick: () =>
              void navigate({ to: `${BASE}/identities/$identifier/{-$tab}`, params: { ...params, identifier } }),
          })),
        },
        {
          group: "Segments",
          actions: found.segments.map(({ id, name }) => ({
            id: `segment-${id}`,
            label: name,
            onClick: () =>
              void navigate({ to: `${BASE}/segments/$segmentId`, params: { ...params, segmentId: String(id) } }),
          })),
        },
      );
    }
    groups.push(
      {
        group: `Pages of ${environment.name}`,
        actions: PAGES.map(({ to, label, Icon }) => ({
          id: `page-${label}`,
          label,
          leftSection: <Icon size={18} stroke={1.6} aria-hidden />,
          onClick: () => void navigate({ to, params }),
        })),
      },
      {
        group: "Environments",
        actions: environments.map(({ name, api_key }) => ({
          id: `environment-${api_key}`,
          label: name,
          onClick: () => void navigate({ to: `${BASE}/features`, params: { ...params, environmentKey: api_key } }),
        })),
      },
    );
  }
  groups.push({
    group: "Projects",
    actions: projects.map(({ id, name }) => ({
      id: `project-${id}`,
      label: name,
      onClick: () => void navigate({ to: "/projects/$projectId", params: { projectId: id } }),
    })),
  });
  return groups;
}
