import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { ProgressJob } from "../../components/progress-job.tsx";

export interface JobViewProps {
  readonly environmentKey: string;
  readonly jobId: string;
  readonly title: string;
  /** Said below once it is over. */
  readonly afterwards?: string;
  readonly onEnd?: () => void;
  readonly onClose: () => void;
}

/** A job inside a dialog that may be closed before the job ends. */
export function JobView({ environmentKey, jobId, title, afterwards, onEnd, onClose }: JobViewProps) {
  const [isEnded, setIsEnded] = useState(false);
  const end = () => {
    setIsEnded(true);
    onEnd?.();
  };
  return (
    <Stack gap="md">
      <ProgressJob environmentKey={environmentKey} jobId={jobId} title={title} onEnd={end} />
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {isEnded ? afterwards : "It goes on when this is closed."}
        </Text>
        <Button onClick={onClose}>Close</Button>
      </Group>
    </Stack>
  );
}
