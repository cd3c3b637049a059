/** About how many are in, at once; and exactly, for who wants to wait. */
import type { Fault } from "@burgee/engine";
import { Badge, Button, Group, Paper, Progress, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { ApiError, blockingError, messageOf } from "../../api/errors.ts";
import { notifyError } from "../../components/notify.tsx";
import type { WireRule } from "./rule-tree.ts";
import { type CountJob, type Preview, previewQuery } from "./segment-queries.ts";

export interface LiveCountProps {
  readonly environmentKey: string;
  readonly environment: string;
  readonly rules: readonly WireRule[];
  readonly segmentId: number | undefined;
  readonly faults: readonly Fault[];
}

const numbers = new Intl.NumberFormat();
const ENDED = new Set(["done", "failed", "cancelled"]);

/** "4,812 of 124,800 (3.9 %)", and how sure that is. */
export function sayEstimate({ count, total, percent, margin }: Preview["estimate"]): string {
  const share = percent > 0 && percent < 0.1 ? "< 0.1" : String(Math.round(percent * 10) / 10);
  const about = margin > 0 ? "about " : "";
  return `${about}${numbers.format(count)} of ${about}${numbers.format(total)} (${share} %)`;
}

export function LiveCount({ environmentKey, environment, rules, segmentId, faults }: LiveCountProps) {
  const { data, error, isFetching, isPlaceholderData } = useQuery(previewQuery(environmentKey, rules, segmentId));
  const failed = blockingError({ data, error });
  const isImpossible = faults.some(
    ({ code, isCondition, path }) => code === "never" && !isCondition && path.length <= 1,
  );
  return (
    <Paper p="md" component="section" aria-label="Members">
      <Stack gap={8}>
        <Group justify="space-between" wrap="nowrap">
          <Text fw={600}>Members in {environment}</Text>
          {isFetching && (
            <Badge variant="light" color="gray">
              counting
            </Badge>
          )}
        </Group>
        {failed && <Uncounted error={failed} />}
        {!failed && !data && <Skeleton height={28} width={220} />}
        {data && (
          <div data-is-stale={isPlaceholderData} aria-busy={isPlaceholderData} aria-live="polite">
            <Text size="xl" fw={650} {...(isPlaceholderData && { c: "dimmed" })}>
              {sayEstimate(data.estimate)}
            </Text>
            <Progress value={data.estimate.percent} my={8} aria-label="Share of all identities" color="violet" />
            {data.estimate.margin > 0 && (
              <Text size="sm" c="dimmed">
                From a sample: within {data.estimate.margin.toFixed(1)} percentage points.
              </Text>
            )}
            <Sample names={data.sample.map(({ identifier }) => identifier)} isImpossible={isImpossible} />
          </div>
        )}
        {data && data.estimate.margin > 0 && (
          <ExactCount key={JSON.stringify(rules)} environmentKey={environmentKey} rules={rules} />
        )}
      </Stack>
    </Paper>
  );
}

function Uncounted({ error }: { error: unknown }) {
  if (error instanceof ApiError && error.status === 403) {
    return <Text c="dimmed">Your rights here do not cover who is in.</Text>;
  }
  return <Text c="var(--mantine-color-error)">{messageOf(error)}</Text>;
}

function Sample({ names, isImpossible }: { names: readonly string[]; isImpossible: boolean }) {
  if (names.length === 0) {
    const why = isImpossible ? "Nobody ever can be: see what is marked in the rules." : "Nobody was found to be in.";
    return (
      <Text size="sm" c="dimmed">
        {why}
      </Text>
    );
  }
  return (
    <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
      For example {names.slice(0, 6).join(", ")}
    </Text>
  );
}

function ExactCount({ environmentKey, rules }: { environmentKey: string; rules: readonly WireRule[] }) {
  const [jobId, setJobId] = useState<string>();
  const start = useMutation({
    mutationFn: () =>
      api.post<CountJob>(apiPath`/environments/${environmentKey}/jobs/`, { type: "count_segment", rules }),
    onSuccess: ({ id }) => setJobId(id),
    onError: (error) => notifyError(error, "It could not be counted"),
  });
  const path = apiPath`/environments/${environmentKey}/jobs/${jobId ?? ""}/`;
  const { data: job } = useQuery({
    queryKey: ["job", environmentKey, jobId],
    queryFn: ({ signal }) => api.get<CountJob>(path, { signal }),
    enabled: jobId !== undefined,
    refetchInterval: ({ state }) => (state.data && ENDED.has(state.data.status) ? false : 500),
  });
  const stop = useMutation({ mutationFn: () => api.post(`${path}cancel/`), onError: (error) => notifyError(error) });
  if (jobId === undefined) {
    return (
      <Button variant="default" size="xs" loading={start.isPending} onClick={() => start.mutate()}>
        Count exactly
      </Button>
    );
  }
  if (job && ENDED.has(job.status)) return <Text fw={600}>{job.summary}</Text>;
  const { done = 0, total = null } = job?.progress ?? {};
  return (
    <Stack gap={4}>
      <Progress value={total ? (100 * done) / total : 0} animated aria-label="Counting exactly" />
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          Counting exactly: {numbers.format(done)}
          {total === null ? "" : ` of ${numbers.format(total)}`}
        </Text>
        <Button variant="default" size="compact-xs" loading={stop.isPending} onClick={() => stop.mutate()}>
          Stop
        </Button>
      </Group>
    </Stack>
  );
}
