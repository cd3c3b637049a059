/** What can be done to several features at once. Each is written by itself; what fails is named. */
import { Button, Group, Menu, Paper, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { messageOf } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { usePermissions, useProjectPermissions } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyDone, notifyError } from "../../components/notify.tsx";
import { type Feature, patchFlag, type Tag } from "./feature-queries.ts";

const route = getRouteApi("/app/projects/$projectId/environments/$environmentKey");

export interface BulkBarProps {
  readonly features: readonly Feature[];
  readonly tags: readonly Tag[];
  readonly environment: { readonly name: string };
  readonly isProduction: boolean;
  readonly onDone: () => void;
}

interface Work {
  readonly one: (feature: Feature) => Promise<unknown>;
  /** "3 features are on in Production." */
  readonly said: (count: number) => string;
}

const plural = (count: number): string => (count === 1 ? "1 feature" : `${count} features`);

export function BulkBar({ features, tags, environment, isProduction, onDone }: BulkBarProps) {
  const { projectId, environmentKey } = route.useParams();
  const client = useQueryClient();
  const [wanted, setWanted] = useState<boolean>();
  const maySwitch = usePermissions(environmentKey).may("UPDATE_FEATURE_STATE");
  const mayChange = useProjectPermissions(projectId).may("CREATE_FEATURE");
  const { mutateAsync, isPending } = useMutation({
    mutationFn: async ({ one, said }: Work) => {
      const outcomes = await Promise.allSettled(features.map(one));
      await client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });
      const failed = outcomes.flatMap((outcome, index) =>
        outcome.status === "rejected" ? [`${features[index]?.name}: ${messageOf(outcome.reason)}`] : [],
      );
      if (failed.length < features.length) notifyDone(said(features.length - failed.length));
      if (failed.length > 0) notifyError(new Error(failed.join("; ")), "Some were left as they are");
      onDone();
    },
  });
  if (features.length === 0) return null;
  const change = (feature: Feature, body: object) =>
    api.patch(apiPath`/projects/${projectId}/features/${feature.id}/`, body);
  const turn = (enabled: boolean): Work => ({
    one: ({ id }) => patchFlag(environmentKey, id, { environment_default: { enabled } }),
    said: (count) => `${plural(count)} turned ${enabled ? "on" : "off"} in ${environment.name}.`,
  });
  const archive = (isArchived: boolean): Work => ({
    one: (feature) => change(feature, { is_archived: isArchived }),
    said: (count) => `${plural(count)} ${isArchived ? "archived" : "back in use"}.`,
  });
  const addTag = (tag: Tag): Work => ({
    one: (feature) => change(feature, { tags: [...new Set([...feature.tags, tag.id])] }),
    said: (count) => `${plural(count)} now ${count === 1 ? "has" : "have"} the tag ${tag.label}.`,
  });
  const run = (work: Work) => void mutateAsync(work).catch((error: unknown) => notifyError(error));
  const allArchived = features.every(({ is_archived }) => is_archived);
  return (
    <Paper p="sm" mb="sm" role="region" aria-label="Selected features">
      <Group gap="sm">
        <Text fw={600}>{features.length} selected</Text>
        <GatedButton may={maySwitch} variant="default" size="xs" loading={isPending} onClick={() => setWanted(true)}>
          Turn on
        </GatedButton>
        <GatedButton may={maySwitch} variant="default" size="xs" loading={isPending} onClick={() => setWanted(false)}>
          Turn off
        </GatedButton>
        {tags.length > 0 && mayChange.isAllowed && (
          <Menu>
            <Menu.Target>
              <Button variant="default" size="xs" loading={isPending}>
                Add a tag
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {tags.map((tag) => (
                <Menu.Item key={tag.id} onClick={() => run(addTag(tag))}>
                  {tag.label}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
        <GatedButton
          may={mayChange}
          variant="default"
          size="xs"
          loading={isPending}
          onClick={() => run(archive(!allArchived))}
        >
          {allArchived ? "Take out of the archive" : "Archive"}
        </GatedButton>
        <Button variant="subtle" size="xs" onClick={onDone}>
          Clear
        </Button>
      </Group>
      <ConfirmDanger
        opened={wanted !== undefined}
        onClose={() => setWanted(undefined)}
        title={`Turn ${plural(features.length)} ${wanted ? "on" : "off"} in ${environment.name}?`}
        confirmLabel={`Turn ${wanted ? "on" : "off"}`}
        destroys={[]}
        production={isProduction ? environment.name : undefined}
        onConfirm={() => mutateAsync(turn(wanted ?? false))}
      >
        {features.map(({ name }) => name).join(", ")}
      </ConfirmDanger>
    </Paper>
  );
}
