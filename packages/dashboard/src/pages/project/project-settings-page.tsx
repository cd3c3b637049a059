import { Group, NumberInput, Stack, Tabs, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { patchSeen } from "../../api/patch-seen.ts";
import { environmentsQuery, projectQuery } from "../../api/queries.ts";
import { queryKeys } from "../../api/query-keys.ts";
import type { ProjectDetail } from "../../api/types.ts";
import { type May, useProjectPermissions } from "../../api/use-permissions.ts";
import { DeletePanel } from "../../components/action-panel.tsx";
import { ErrorState } from "../../components/error-state.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { Grants } from "../../components/grants.tsx";
import { LoadingPage } from "../../components/loading.tsx";
import { NameForm } from "../../components/name-form.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { ReadOnlyNote } from "../../components/read-only-note.tsx";
import { SettingSwitch } from "../../components/setting-switch.tsx";
import { TabRow } from "../../components/tab-row.tsx";
import { TagList } from "./tag-list.tsx";

const route = getRouteApi("/app/projects/$projectId/settings");
const TABS = { general: "General", names: "Names and limits", tags: "Tags", permissions: "Permissions" } as const;
type Tab = keyof typeof TABS;

export function ProjectSettingsPage() {
  const { projectId } = route.useParams();
  const { tab: named } = route.useSearch();
  const navigate = useNavigate();
  const { data: project, error, refetch } = useQuery(projectQuery(projectId));
  const may = useProjectPermissions(projectId).may("ADMIN");
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!project) return <LoadingPage />;
  const tab: Tab = named !== undefined && named in TABS ? (named as Tab) : "general";
  const go = (next: string | null) =>
    void navigate({
      to: "/projects/$projectId/settings",
      params: { projectId },
      search: next === "general" || next === null ? {} : { tab: next },
    });
  return (
    <>
      <PageHeader title="Project settings" description={`What all environments of ${project.name} share.`} />
      <Tabs value={tab} onChange={go} keepMounted={false}>
        <TabRow active={tab}>
          {Object.entries(TABS).map(([value, words]) => (
            <Tabs.Tab key={value} value={value}>
              {words}
            </Tabs.Tab>
          ))}
        </TabRow>
        <Tabs.Panel value="general">
          <General key={project.id} project={project} may={may} />
        </Tabs.Panel>
        <Tabs.Panel value="names">
          <Names key={project.id} project={project} may={may} />
        </Tabs.Panel>
        <Tabs.Panel value="tags">
          <TagList projectId={projectId} />
        </Tabs.Panel>
        <Tabs.Panel value="permissions">
          <Grants scope="project" id={projectId} projectId={projectId} place={project.name} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

interface Props {
  readonly project: ProjectDetail;
  readonly may: May;
}

function usePatch(project: ProjectDetail) {
  const client = useQueryClient();
  const path = apiPath`/projects/${project.id}/`;
  return async (body: Readonly<Record<string, unknown>>, seen?: ProjectDetail) => {
    const saved = await (seen ? patchSeen(path, seen, body) : api.patch<ProjectDetail>(path, body));
    await Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.project(project.id) }),
      client.invalidateQueries({ queryKey: queryKeys.projects }),
    ]);
    return saved;
  };
}

const SWITCHES = [
  {
    field: "hide_disabled_flags",
    label: "Hide flags that are off",
    description: "SDKs are not told of them, unless an environment says otherwise.",
  },
  {
    field: "enable_realtime_updates",
    label: "Realtime updates",
    description: "SDKs that listen hear of each change at once, on Flagsmith's stream.",
  },
  {
    field: "prevent_flag_defaults",
    label: "New features begin off and empty",
    description: "Whatever is asked for when they are made.",
  },
  {
    field: "enforce_feature_owners",
    label: "New features need an owner",
    description: "Somebody to ask about it, from the first day.",
  },
] as const;

function General({ project, may }: Props) {
  const save = usePatch(project);
  return (
    <Stack gap="xl" maw={640}>
      <ReadOnlyNote may={may} />
      <NameForm thing={project} may={may} save={save} />
      <Stack gap="lg">
        {SWITCHES.map(({ field, label, description }) => (
          <SettingSwitch
            key={field}
            label={label}
            description={description}
            isOn={project[field]}
            may={may}
            onChange={(isOn) => save({ [field]: isOn })}
          />
        ))}
      </Stack>
      <Ending project={project} may={may} />
    </Stack>
  );
}

function Names({ project, may }: Props) {
  const save = usePatch(project);
  const [seen, setSeen] = useState(project);
  const [regex, setRegex] = useState(project.feature_name_regex ?? "");
  const [stale, setStale] = useState(project.stale_flags_limit_days);
  const [features, setFeatures] = useState(project.max_features_allowed);
  const [segments, setSegments] = useState(project.max_segments_allowed);
  const [overrides, setOverrides] = useState(project.max_segment_overrides_allowed);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () =>
      save(
        {
          feature_name_regex: regex === "" ? null : regex,
          stale_flags_limit_days: stale,
          max_features_allowed: features,
          max_segments_allowed: segments,
          max_segment_overrides_allowed: overrides,
        },
        seen,
      ),
    onSuccess: (saved) => {
      setSeen(saved);
      notifyDone("Saved.");
    },
  });
  const isReadOnly = !may.isAllowed;
  const limits = [
    ["Features, at most", features, setFeatures, "max_features_allowed", `${project.total_features} now`],
    ["Segments, at most", segments, setSegments, "max_segments_allowed", `${project.total_segments} now`],
    ["Segment overrides in one environment, at most", overrides, setOverrides, "max_segment_overrides_allowed", ""],
    ["A feature is stale after", stale, setStale, "stale_flags_limit_days", "days without a change"],
  ] as const;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md" maw={640}>
        <ReadOnlyNote may={may} />
        <FormProblem error={error} fields={["feature_name_regex", ...limits.map(([, , , field]) => field)]} />
        <TextInput
          label="Names of features match"
          description="A regular expression for the whole name, such as [a-z_]+. Empty: any name."
          value={regex}
          onChange={(event) => setRegex(event.currentTarget.value)}
          error={fieldError(error, "feature_name_regex")}
          readOnly={isReadOnly}
        />
        {limits.map(([label, value, set, field, hint]) => (
          <NumberInput
            key={field}
            label={label}
            description={hint}
            value={value}
            onChange={(next) => set(Number(next) || 0)}
            min={0}
            allowDecimal={false}
            styles={{ wrapper: { maxWidth: 260 } }}
            error={fieldError(error, field)}
            readOnly={isReadOnly}
          />
        ))}
        <Group>
          <GatedButton may={may} type="submit" loading={isPending}>
            Save
          </GatedButton>
        </Group>
      </Stack>
    </form>
  );
}

function Ending({ project, may }: Props) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { data: environments = [] } = useQuery(environmentsQuery(project.id));
  return (
    <DeletePanel
      noun="project"
      text="Everything in the project goes with it."
      may={may}
      title={`Delete the project ${project.name}?`}
      typed={project.name}
      destroys={[
        `its environments: ${environments.map(({ name }) => name).join(", ") || "none"}`,
        `${project.total_features} features and ${project.total_segments} segments`,
        "every identity, with traits and overrides",
      ]}
      onConfirm={async () => {
        await api.delete(apiPath`/projects/${project.id}/`);
        client.clear();
        notifyDone(`Deleted ${project.name}.`);
        await navigate({ to: "/" });
      }}
    />
  );
}
