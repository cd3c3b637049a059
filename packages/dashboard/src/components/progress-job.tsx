import { Alert, Anchor, Button, Group, List, Progress, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { api, apiPath } from "../api/client.ts";
import { queryKeys } from "../api/query-keys.ts";
import type { Job } from "../api/types.ts";
import { ErrorState } from "./error-state.tsx";
import { notifyError } from "./notify.tsx";

export interface ProgressJobProps {
  readonly environmentKey: string;
  readonly jobId: string;
  /** What it does: "Overriding checkout_v2 for 1,204 identities". */
  readonly title: string;
  /** Told once, when it has ended, however it ended. */
  readonly onEnd?: (job: Job) => void;
}

const POLL_MS = 1000;
const ENDED = new Set<Job["status"]>(["done", "failed", "cancelled"]);
const numbers = new Intl.NumberFormat();

/** One line of where a job stands. */
export function jobLine({ status, progress }: Pick<Job, "status" | "progress">): string {
  const of = progress.total === null ? "" : ` of ${numbers.format(progress.total)}`;
  const done = `${numbers.format(progress.done)}${of}`;
  const failed = progress.failed > 0 ? `, ${numbers.format(progress.failed)} failed` : "";
  if (status === "queued") return "Waiting to begin";
  if (status === "running") return `${done}${failed}`;
  const words = { done: "Done", failed: "Failed", cancelled: "Cancelled" } as const;
  return `${words[status]}: ${done}, ${numbers.format(progress.changed)} changed${failed}`;
}

/** Follows a job to its end, and can cancel it. */
export function ProgressJob({ environmentKey, jobId, title, onEnd }: ProgressJobProps) {
  const client = useQueryClient();
  const path = apiPath`/environments/${environmentKey}/jobs/${jobId}/`;
  const {
    data: job,
    error,
    refetch,
  } = useQuery({
    queryKey: ["job", environmentKey, jobId],
    queryFn: ({ signal }) => api.get<Job>(path, { signal }),
    refetchInterval: ({ state }) => (state.data && ENDED.has(state.data.status) ? false : POLL_MS),
  });
  const cancel = useMutation({
    mutationFn: () => api.post(`${path}cancel/`),
    onSuccess: () => refetch(),
    onError: (failure) => notifyError(failure, "It could not be cancelled"),
  });
  const isEnded = job !== undefined && ENDED.has(job.status);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it ends
  useEffect(() => {
    if (!isEnded || !job) return;
    void client.invalidateQueries({ queryKey: queryKeys.environment(environmentKey) });
    onEnd?.(job);
  }, [isEnded]);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  const percent = job?.progress.total ? (100 * job.progress.done) / job.progress.total : isEnded ? 100 : 0;
  return (
    <Stack gap="sm" aria-live="polite">
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600}>{title}</Text>
        {job?.cancellable && !isEnded && (
          <Button variant="default" size="xs" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel
          </Button>
        )}
      </Group>
      <Progress
        value={percent}
        animated={!isEnded}
        aria-label={title}
        color={job?.status === "failed" ? "red" : "signal"}
      />
      <Text size="sm" c="dimmed">
        {job ? jobLine(job) : "Starting"}
      </Text>
      {job?.result_url && isEnded && (
        <Anchor href={job.result_url} download>
          Download the result
        </Anchor>
      )}
      {job !== undefined && job.problems.length > 0 && <Problems problems={job.problems} />}
    </Stack>
  );
}

function Problems({ problems }: Pick<Job, "problems">) {
  return (
    <Alert color="red" variant="outline" title="Some did not work">
      <List size="sm">
        {problems.map(({ line, identifier, message }) => (
          <List.Item key={`${line} ${identifier} ${message}`}>
            {[line === undefined ? undefined : `line ${line}`, identifier, message].filter(Boolean).join(": ")}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
