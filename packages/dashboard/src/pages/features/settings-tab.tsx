/** What belongs to the feature itself, in every environment. */
import { Checkbox, Group, MultiSelect, Paper, Stack, Text, Textarea, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { fieldError } from "../../api/errors.ts";
import { environmentsQuery, projectQuery } from "../../api/queries.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { useProjectPermissions } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { tagsQuery } from "./feature-queries.ts";
import classes from "./features.module.css";
import type { TabProps } from "./tab-props.ts";

interface Member {
  readonly id: number;
  readonly email: string;
}

export function SettingsTab(props: TabProps) {
  return (
    <Stack gap="lg" className={classes["narrow"] ?? ""}>
      <Details {...props} />
      <Owners {...props} />
      <Ending {...props} />
    </Stack>
  );
}

function useStale({ projectId, environment }: TabProps) {
  const client = useQueryClient();
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.project(projectId) }),
      client.invalidateQueries({ queryKey: queryKeys.environment(environment.api_key) }),
    ]);
}

const featurePath = ({ projectId, feature }: TabProps): string =>
  apiPath`/projects/${projectId}/features/${feature.id}/`;

function Details(props: TabProps) {
  const { feature, projectId } = props;
  const stale = useStale(props);
  const may = useProjectPermissions(projectId).may("CREATE_FEATURE");
  const { data: tags = [] } = useQuery(tagsQuery(projectId));
  const [description, setDescription] = useState(feature.description ?? "");
  const [chosen, setChosen] = useState(feature.tags.map(String));
  const [isServerOnly, setIsServerOnly] = useState(feature.is_server_key_only);
  const { mutate, isPending, error } = useMutation({
    mutationFn: async () => {
      await api.patch(featurePath(props), {
        description: description.trim() || null,
        tags: chosen.map(Number),
        is_server_key_only: isServerOnly,
      });
      await stale();
    },
    onSuccess: () => notifyDone(`Saved ${feature.name}.`),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md">
        <FormProblem error={error} fields={["description", "tags"]} />
        <Textarea
          label="Description"
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={fieldError(error, "description")}
          autosize
          minRows={2}
          readOnly={!may.isAllowed}
        />
        <MultiSelect
          label="Tags"
          placeholder={tags.length === 0 ? "this project has no tags yet" : ""}
          data={tags.map(({ id, label }) => ({ value: String(id), label }))}
          value={chosen}
          onChange={setChosen}
          error={fieldError(error, "tags")}
          disabled={!may.isAllowed}
        />
        <Checkbox
          label="Only for server-side keys"
          description="Browsers and phones, which use the environment’s public key, are not told of it."
          checked={isServerOnly}
          onChange={(event) => setIsServerOnly(event.currentTarget.checked)}
          disabled={!may.isAllowed}
        />
        <Group>
          <GatedButton may={may} type="submit" loading={isPending}>
            Save settings
          </GatedButton>
        </Group>
      </Stack>
    </form>
  );
}

function Owners(props: TabProps) {
  const { feature, projectId } = props;
  const stale = useStale(props);
  const may = useProjectPermissions(projectId).may("CREATE_FEATURE");
  const { data: project } = useQuery(projectQuery(projectId));
  const organisation = project?.organisation ?? 0;
  const { data: members = [] } = useQuery({
    queryKey: [...queryKeys.organisation(organisation), "users"],
    queryFn: ({ signal }) => api.get<Member[]>(apiPath`/organisations/${organisation}/users/`, { signal }),
    enabled: organisation > 0,
  });
  const held = feature.owners.map(({ id }) => String(id));
  const { mutate, isPending } = useMutation({
    mutationFn: async (wanted: readonly string[]) => {
      const added = wanted.filter((id) => !held.includes(id)).map(Number);
      const removed = held.filter((id) => !wanted.includes(id)).map(Number);
      if (added.length > 0) await api.post(`${featurePath(props)}add-owners/`, { user_ids: added });
      if (removed.length > 0) await api.post(`${featurePath(props)}remove-owners/`, { user_ids: removed });
      await stale();
    },
    onError: (error) => notifyError(error, "The owners were not changed"),
  });
  const known = [...members, ...feature.owners.filter(({ id }) => !members.some((member) => member.id === id))];
  return (
    <MultiSelect
      label="Owners"
      description="Whom to ask about it."
      data={known.map(({ id, email }) => ({ value: String(id), label: email }))}
      value={held}
      onChange={(wanted) => mutate(wanted)}
      disabled={!may.isAllowed || isPending}
    />
  );
}

function Ending(props: TabProps) {
  const { feature, projectId, environment } = props;
  const stale = useStale(props);
  const navigate = useNavigate();
  const permissions = useProjectPermissions(projectId);
  const [isDeleting, setIsDeleting] = useState(false);
  const { data: environments = [] } = useQuery(environmentsQuery(projectId));
  const archive = useMutation({
    mutationFn: async () => {
      await api.patch(featurePath(props), { is_archived: !feature.is_archived });
      await stale();
    },
    onSuccess: () => notifyDone(`${feature.name} is ${feature.is_archived ? "in use again" : "archived"}.`),
    onError: (error) => notifyError(error),
  });
  return (
    <Paper p="md">
      <Stack gap="sm">
        <Title order={2}>Archive or delete</Title>
        <Text c="dimmed">
          An archived feature keeps working; it only leaves the list. A deleted one is gone everywhere at once.
        </Text>
        <Group>
          <GatedButton
            may={permissions.may("CREATE_FEATURE")}
            variant="default"
            loading={archive.isPending}
            onClick={() => archive.mutate()}
          >
            {feature.is_archived ? "Take out of the archive" : "Archive"}
          </GatedButton>
          <GatedButton
            may={permissions.may("DELETE_FEATURE")}
            variant="default"
            c="var(--mantine-color-error)"
            onClick={() => setIsDeleting(true)}
          >
            Delete feature
          </GatedButton>
        </Group>
      </Stack>
      <ConfirmDanger
        opened={isDeleting}
        onClose={() => setIsDeleting(false)}
        title={`Delete the feature ${feature.name}?`}
        confirmLabel="Delete feature"
        typed={feature.name}
        destroys={[
          `its value and state in ${environments.map(({ name }) => name).join(", ")}`,
          "every override of it, for segments and for identities",
          "applications that ask for it get nothing",
        ]}
        onConfirm={async () => {
          await api.delete(featurePath(props));
          await stale();
          notifyDone(`Deleted ${feature.name}.`);
          await navigate({
            to: "/projects/$projectId/environments/$environmentKey/features",
            params: { projectId, environmentKey: environment.api_key },
          });
        }}
      />
    </Paper>
  );
}
