/** Turning a feature on for a share of everyone, and raising the share. */
import { Alert, Group, NativeSelect, NumberInput, Paper, Progress, Slider, Stack, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { messageOf } from "../../api/errors.ts";
import { queryKeys } from "../../api/query-keys.ts";
import { usePermissions, useProjectPermissions } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { environmentLook } from "../../frame/environment-look.ts";
import { catalogueQuery, previewQuery } from "../segments/segment-queries.ts";
import {
  allSegmentsQuery,
  patchFlag,
  removeSegmentOverride,
  type Segment,
  servedValue,
  writtenValue,
} from "./feature-queries.ts";
import classes from "./features.module.css";
import { findRollout, type Rollout, rolloutName, rolloutRules } from "./rollout.ts";
import type { TabProps } from "./tab-props.ts";

const numbers = new Intl.NumberFormat();

export function RolloutTab(props: TabProps) {
  const { data: segments, error } = useQuery(allSegmentsQuery(props.projectId));
  if (error) return <Text c="var(--mantine-color-error)">{messageOf(error)}</Text>;
  if (!segments) return <LoadingRows rows={2} />;
  const rollout = findRollout(props.feature.id, props.flag, segments);
  return <RolloutForm key={`${rollout?.segment.id} ${rollout?.percent}`} {...props} rollout={rollout} />;
}

type FormProps = TabProps & { readonly rollout: Rollout | undefined };

/** How many known identities a percentage is, or nothing where one may not count them. */
function usePopulation(environmentKey: string, percent: number, by: string, segment: number | undefined) {
  const [settled] = useDebouncedValue(percent, 250);
  const { data, isPlaceholderData } = useQuery({
    ...previewQuery(environmentKey, rolloutRules(settled, by), segment),
    retry: false,
  });
  return data && !isPlaceholderData ? data.estimate : undefined;
}

function RolloutForm(props: FormProps) {
  const { feature, flag, environment, projectId, rollout } = props;
  const [percent, setPercent] = useState(rollout?.percent ?? 10);
  const [by, setBy] = useState(rollout?.by ?? "");
  const [isEnding, setIsEnding] = useState(false);
  const now = usePopulation(environment.api_key, rollout?.percent ?? 0, by, rollout?.segment.id);
  const then = usePopulation(environment.api_key, percent, by, rollout?.segment.id);
  const { data: catalogue } = useQuery({ ...catalogueQuery(environment.api_key, ""), retry: false });
  const write = useRolloutWrite(props);
  const maySegments = useProjectPermissions(projectId).may("MANAGE_SEGMENTS");
  const mayOverride = usePermissions(environment.api_key).may("MANAGE_SEGMENT_OVERRIDES");
  const may = maySegments.isAllowed ? mayOverride : maySegments;
  const keys = (catalogue?.results ?? []).map(({ key }) => key);
  const more = then && now ? then.count - now.count : undefined;
  const isLower = rollout !== undefined && percent < rollout.percent;
  return (
    <Stack gap="lg" className={classes["narrow"] ?? ""}>
      {flag.environment_default.enabled && !rollout && (
        <Alert variant="outline" color="gray" title={`${feature.name} is on for everybody in ${environment.name}`}>
          A rollout turns it on for a share while it is off for the rest: turn it off first.
        </Alert>
      )}
      <Paper p="md">
        <Stack gap="md">
          <div>
            <Title order={2}>{rollout ? `On for ${rollout.percent} %` : "Not rolled out in stages"}</Title>
            <Text c="dimmed">
              {rollout
                ? `of ${rollout.by === "" ? "everyone" : `every ${rollout.by}`} in ${environment.name}${now ? `: about ${numbers.format(now.count)} of ${numbers.format(now.total)} known identities` : ""}.`
                : "Turn it on for a small share, watch, and raise the share. Nobody who has it loses it on the way up."}
            </Text>
          </div>
          {rollout && (
            <Progress
              value={rollout.percent}
              aria-label="Rolled out"
              className={classes["rolled"] ?? ""}
              color="violet"
            />
          )}
          <Group align="flex-end" gap="md">
            <NumberInput
              label={rollout ? "Change to" : "Turn on for"}
              value={percent}
              onChange={(value) => setPercent(Math.min(100, Math.max(0, Number(value) || 0)))}
              min={0}
              max={100}
              decimalScale={2}
              suffix=" %"
              w={120}
              readOnly={!may.isAllowed}
            />
            <NativeSelect
              label="of everyone, by"
              value={by}
              onChange={(event) => setBy(event.currentTarget.value)}
              disabled={rollout !== undefined || !may.isAllowed}
              data={[
                { value: "", label: "identity" },
                ...[...new Set([...keys, ...(by === "" ? [] : [by])])].map((key) => ({ value: key, label: key })),
              ]}
            />
            <Slider
              value={percent}
              onChange={setPercent}
              step={5}
              label={(value) => `${value} %`}
              thumbLabel="Percentage"
              style={{ flex: "1 1 12rem" }}
              mb={12}
              disabled={!may.isAllowed}
            />
          </Group>
          <Text aria-live="polite">
            {then
              ? `That is about ${numbers.format(then.count)} of ${numbers.format(then.total)} known identities.`
              : " "}
          </Text>
          {isLower && (
            <Alert color="red" variant="outline">
              Going down takes the feature away from some who have it.
            </Alert>
          )}
          {write.error && (
            <Text c="var(--mantine-color-error)" role="alert">
              {messageOf(write.error)}
            </Text>
          )}
          <Group>
            <GatedButton
              may={may}
              loading={write.isPending}
              disabled={rollout !== undefined && percent === rollout.percent}
              onClick={() => write.mutate({ percent, by })}
            >
              {saveLabel(more, rollout !== undefined, percent)}
            </GatedButton>
            {rollout && (
              <GatedButton may={may} variant="default" onClick={() => setIsEnding(true)}>
                End the rollout
              </GatedButton>
            )}
          </Group>
        </Stack>
      </Paper>
      <ConfirmDanger
        opened={isEnding}
        onClose={() => setIsEnding(false)}
        title={`End the rollout of ${feature.name} in ${environment.name}?`}
        confirmLabel="End rollout"
        destroys={[`the share of ${rollout?.percent} %: everybody gets the environment's default again`]}
        production={environmentLook(environment).isProduction ? environment.name : undefined}
        onConfirm={() => write.end()}
      />
    </Stack>
  );
}

function saveLabel(more: number | undefined, isRunning: boolean, percent: number): string {
  if (more === undefined || more === 0) return isRunning ? `Change to ${percent} %` : `Turn on for ${percent} %`;
  return more > 0
    ? `Save: about ${numbers.format(more)} more identities get it`
    : `Save: about ${numbers.format(-more)} identities lose it`;
}

function useRolloutWrite({ feature, flag, environment, projectId, rollout }: FormProps) {
  const client = useQueryClient();
  const { api_key } = environment;
  const stale = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: queryKeys.environment(api_key) }),
      client.invalidateQueries({ queryKey: queryKeys.project(projectId) }),
    ]);
  const start = async (percent: number, by: string) => {
    const name = rolloutName(feature.name, environment.name);
    const made = await api.post<Segment>(apiPath`/projects/${projectId}/segments/`, {
      name,
      feature: feature.id,
      rules: rolloutRules(percent, by),
    });
    const value = writtenValue(servedValue(flag.environment_default.value));
    await patchFlag(api_key, feature.id, {
      segment_overrides: [{ segment: { id: made.id }, enabled: true, value }],
    });
  };
  const { mutate, isPending, error } = useMutation({
    mutationFn: async ({ percent, by }: { percent: number; by: string }) => {
      if (!rollout) await start(percent, by);
      else {
        const path = apiPath`/projects/${projectId}/segments/${rollout.segment.id}/`;
        await api.patch(path, { rules: rolloutRules(percent, rollout.by) });
      }
      await stale();
    },
    onSuccess: (_nothing, { percent }) => notifyDone(`${feature.name} is on for ${percent} % in ${environment.name}.`),
  });
  const end = async () => {
    if (!rollout) return;
    await removeSegmentOverride(api_key, feature.id, rollout.segment.id);
    await api.delete(apiPath`/projects/${projectId}/segments/${rollout.segment.id}/`).catch(() => undefined);
    await stale();
    notifyDone(`The rollout of ${feature.name} has ended in ${environment.name}.`);
  };
  return { mutate, isPending, error, end };
}
