/** Identities as a file: made by a job, kept for a day. */
import { Button, Checkbox, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { sayTargets, type Targets } from "./bulk-targets.ts";
import { JobView } from "./job-view.tsx";
import type { StartedJob } from "./search-queries.ts";

export interface ExportDialogProps {
  readonly environmentKey: string;
  readonly targets: Targets;
  readonly onClose: () => void;
}

export function ExportDialog({ environmentKey, targets, onClose }: ExportDialogProps) {
  const [format, setFormat] = useState("csv");
  const [overrides, setOverrides] = useState(false);
  const start = useMutation({
    mutationFn: () =>
      api.post<StartedJob>(apiPath`/environments/${environmentKey}/jobs/`, {
        type: "export_identities",
        identities: targets,
        format,
        overrides,
      }),
  });
  return (
    <Modal opened onClose={onClose} title="Export identities">
      {start.data ? (
        <JobView
          environmentKey={environmentKey}
          jobId={start.data.id}
          title="Writing the file"
          afterwards="The file is kept for a day."
          onClose={onClose}
        />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            start.mutate();
          }}
        >
          <Stack gap="md">
            <FormProblem error={start.error} fields={[]} />
            <Text>For {sayTargets(targets)}. The import reads both kinds of file.</Text>
            <Radio.Group label="Format" value={format} onChange={setFormat}>
              <Stack gap={8} mt={4}>
                <Radio value="csv" label="CSV" description="A column for each trait; opens as a table." />
                <Radio value="ndjson" label="NDJSON" description="A line of JSON each; keeps every type." />
              </Stack>
            </Radio.Group>
            <Checkbox
              label="With their overrides"
              checked={overrides}
              onChange={(event) => setOverrides(event.currentTarget.checked)}
            />
            <Group justify="flex-end" gap="sm">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={start.isPending}>
                Export
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
