/** Turning a feature on for a share of everyone, and raising the share. */
import { Alert, Button, Group, NativeSelect, Paper, Progress, Slider, Stack, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { messageOf } from "../../api/errors.ts";
import { usePermissions, useProjectPermissions } from "../../api/use-permissions.ts";
import { ConfirmDanger } from "../../components/confirm-danger.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { LoadingRows } from "../../components/loading.tsx";
import { environmentLook } from "../../frame/environment-look.ts";
import { catalogueQuery, previewQuery } from "../segments/segment-queries.ts";
import { allSegmentsQuery, type Segment } from "./feature-queries.ts";
import classes from "./features.module.css";
import { findRollout, type Rollout, rolloutRules } from "./rollout.ts";
import { ShareInput } from "./share-input.tsx";
import type { TabProps } from "./tab-props.ts";
import { useRolloutWrite } from "./use-rollout-write.ts";

const numbers = new Intl.NumberFormat();

export function RolloutTab(props: TabProps) {
  const { data: segments, error } = useQuery(allSegmentsQuery(props.projectId));
  if (error && !segments) return <Text c="var(--mantine-color-error)">{messageOf(error)}</Text>;
  if (!segments) return <LoadingRows rows={2} />;
  const rollout = findRollout(props.feature.id, props.flag, segments);
  return <RolloutForm key={rollout?.segment.id ?? "none"} {...props} rollout={rollout} segments={segments} />;
}

interface FormProps extends TabProps {
  readonly rollout: Rollout | undefined;
  readonly segments: readonly Segment[];
}

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
  // Only what was typed is kept here, with what it was typed over: what others save shows, and takes nothing away.
  const [typed, setTyped] = useState<{ readonly percent: number; readonly over: number | undefined }>();
  const percent = typed?.percent ?? rollout?.percent ?? 10;
  const setPercent = (next: number) => setTyped((old) => ({ percent: next, over: old ? old.over : rollout?.percent }));
  const [by, setBy] = useState(rollout?.by ?? "");
  const [asked, setAsked] = useState<"end" | "finish">();
  const now = usePopulation(environment.api_key, rollout?.percent ?? 0, by, rollout?.segment.id);
  const then = usePopulation(environment.api_key, percent, by, rollout?.segment.id);
  const { data: catalogue } = useQuery({ ...catalogueQuery(environment.api_key, ""), retry: false });
  const write = useRolloutWrite(props, () => setTyped(undefined));
  const maySegments = useProjectPermissions(projectId).may("MANAGE_SEGMENTS");
  const mayOverride = usePermissions(environment.api_key).may("MANAGE_SEGMENT_OVERRIDES");
  const may = maySegments.isAllowed ? mayOverride : maySegments;
  const maySwitch = usePermissions(environment.api_key).may("UPDATE_FEATURE_STATE");
  const mayFinish = may.isAllowed ? maySwitch : may;
  const keys = (catalogue?.results ?? []).map(({ key }) => key);
  const more = then && now ? then.count - now.count : undefined;
  const isLower = rollout !== undefined && percent < rollout.percent;
  const isOnForAll = flag.environment_default.enabled && !rollout;
  const isOvertaken =
    typed !== undefined && rollout !== undefined && typed.over !== rollout.percent && !write.isPending;
  const production = environmentLook(environment).isProduction ? environment.name : undefined;
  return (
    <Stack gap="lg" className={classes["narrow"] ?? ""}>
      {isOnForAll && (
        <Alert variant="outline" color="gray" title={`${feature.name} is on for everybody in ${environment.name}`}>
          A rollout turns it on for a share while it is off for the rest. Turn it off above, then begin.
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
            <ShareInput
              label={rollout ? "Change to" : "Turn on for"}
              isLabelled
              share={percent}
              onChange={(next) => setPercent(Math.min(100, Math.max(0, next)))}
              isReadOnly={!may.isAllowed}
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
          {isOvertaken && (
            <Alert color="gray" variant="outline" role="status" title="Somebody else changed the share meanwhile">
              <Group justify="space-between">
                <span>It is {rollout.percent} % now. What you typed is still here.</span>
                <Button variant="default" size="xs" onClick={() => setTyped(undefined)}>
                  Show theirs
                </Button>
              </Group>
            </Alert>
          )}
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
              disabled={isOnForAll || percent === rollout?.percent}
              onClick={() => write.mutate({ percent, by, over: typed?.over ?? rollout?.percent })}
            >
              {isOnForAll ? `Turn on for ${percent} %` : saveLabel(more, rollout !== undefined, percent)}
            </GatedButton>
            {rollout && (
              <>
                <GatedButton may={mayFinish} variant="default" onClick={() => setAsked("finish")}>
                  Give it to everybody
                </GatedButton>
                <GatedButton may={may} variant="default" onClick={() => setAsked("end")}>
                  End the rollout
                </GatedButton>
              </>
            )}
          </Group>
        </Stack>
      </Paper>
      <ConfirmDanger
        opened={asked === "end"}
        onClose={() => setAsked(undefined)}
        title={`End the rollout of ${feature.name} in ${environment.name}?`}
        confirmLabel="End rollout"
        destroys={[`the share of ${rollout?.percent} %: everybody gets the environment's default again`]}
        production={production}
        onConfirm={() => write.end()}
      />
      <ConfirmDanger
        opened={asked === "finish"}
        onClose={() => setAsked(undefined)}
        title={`Give ${feature.name} to everybody in ${environment.name}?`}
        confirmLabel="Give it to everybody"
        destroys={[]}
        production={production}
        onConfirm={() => write.finish()}
      >
        It is on for everybody then, with what the {rollout?.percent} % have now, and the rollout is over.
      </ConfirmDanger>
    </Stack>
  );
}

function saveLabel(more: number | undefined, isRunning: boolean, percent: number): string {
  if (more === undefined || more === 0) return isRunning ? `Change to ${percent} %` : `Turn on for ${percent} %`;
  return more > 0
    ? `Save: about ${numbers.format(more)} more identities get it`
    : `Save: about ${numbers.format(-more)} identities lose it`;
}
