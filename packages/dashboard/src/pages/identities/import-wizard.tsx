/** A file of identities: chosen, read without writing anything, then imported with a bar. */
import { Alert, Anchor, Button, FileInput, Group, Modal, NativeSelect, Stack, Tabs, Text } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { fieldError, messageOf } from "../../api/errors.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { saveFile } from "../identity/save-file.ts";
import { Counts, Problems } from "./dry-run-counts.tsx";
import classes from "./identities.module.css";
import { type ImportFormat, importFormatOf, SAMPLES } from "./import-format.ts";
import { JobView } from "./job-view.tsx";
import type { DryRun, StartedJob } from "./search-queries.ts";
import { sayNumber } from "./totals.ts";

export interface ImportWizardProps {
  readonly environmentKey: string;
  readonly environmentName: string;
  readonly production: string | undefined;
  readonly onClose: () => void;
}

interface Chosen {
  readonly file: File;
  readonly format: ImportFormat;
}

export function ImportWizard({ environmentKey, environmentName, production, onClose }: ImportWizardProps) {
  const [read, setRead] = useState<Chosen & { readonly plan: DryRun }>();
  const path = apiPath`/environments/${environmentKey}/identity-imports/`;
  const check = useMutation({
    mutationFn: async ({ file, format }: Chosen) => ({
      file,
      format,
      plan: await api.post<DryRun>(path, file, { query: { format, dry_run: true } }),
    }),
    onSuccess: setRead,
  });
  const start = useMutation({
    mutationFn: ({ file, format }: Chosen) => api.post<StartedJob>(path, file, { query: { format } }),
  });
  return (
    <Modal opened onClose={onClose} title={`Import identities into ${environmentName}`} size="lg">
      {start.data ? (
        <JobView
          environmentKey={environmentKey}
          jobId={start.data.id}
          title={`Importing ${read?.file.name ?? ""}`}
          onClose={onClose}
        />
      ) : read ? (
        <Plan
          plan={read.plan}
          name={read.file.name}
          production={production}
          isBusy={start.isPending}
          error={start.error}
          onBack={() => setRead(undefined)}
          onStart={() => start.mutate(read)}
        />
      ) : (
        <Choose onRead={check.mutate} isBusy={check.isPending} error={check.error} onClose={onClose} />
      )}
    </Modal>
  );
}

interface ChooseProps {
  readonly onRead: (chosen: Chosen) => void;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
}

function Choose({ onRead, isBusy, error, onClose }: ChooseProps) {
  const [file, setFile] = useState<File | null>(null);
  const [format, setFormat] = useState<ImportFormat>("csv");
  const [isTried, setIsTried] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setIsTried(true);
        if (file) onRead({ file, format });
      }}
    >
      <Stack gap="md">
        <FormProblem error={error} fields={["file"]} />
        <Group gap="sm" align="flex-start">
          <FileInput
            label="File"
            placeholder="Choose a CSV or NDJSON file"
            accept=".csv,.ndjson,.jsonl,text/csv,application/x-ndjson"
            leftSection={<IconUpload size={16} aria-hidden />}
            value={file}
            onChange={(next) => {
              setFile(next);
              if (next) setFormat(importFormatOf(next.name) ?? format);
            }}
            error={(isTried && !file ? "Choose a file." : undefined) ?? fieldError(error, "file")}
            style={{ flex: "1 1 16rem" }}
          />
          <NativeSelect
            label="Format"
            value={format}
            onChange={(event) => setFormat(event.currentTarget.value as ImportFormat)}
            data={[
              { value: "csv", label: "CSV" },
              { value: "ndjson", label: "NDJSON" },
            ]}
          />
        </Group>
        <Tabs
          value={format}
          onChange={(value) => setFormat((value as ImportFormat | null) ?? format)}
          keepMounted={false}
        >
          <Tabs.List mb="sm">
            <Tabs.Tab value="csv">A CSV file</Tabs.Tab>
            <Tabs.Tab value="ndjson">An NDJSON file</Tabs.Tab>
          </Tabs.List>
          {(["csv", "ndjson"] as const).map((each) => (
            <Tabs.Panel key={each} value={each}>
              <pre className={classes["sample"]}>{SAMPLES[each].text}</pre>
              <Text size="sm" c="dimmed" mt={8}>
                {SAMPLES[each].words}{" "}
                <Anchor
                  component="button"
                  type="button"
                  size="sm"
                  underline="always"
                  onClick={() => saveFile(`identities.${each}`, "text/plain", SAMPLES[each].text)}
                >
                  Save this example
                </Anchor>
              </Text>
            </Tabs.Panel>
          ))}
        </Tabs>
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy}>
            Read it, write nothing
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface PlanProps {
  readonly plan: DryRun;
  readonly name: string;
  readonly production: string | undefined;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onBack: () => void;
  readonly onStart: () => void;
}

const rows = (count: number): string => `${sayNumber(count)} ${count === 1 ? "row" : "rows"}`;

function Plan({ plan, name, production, isBusy, error, onBack, onStart }: PlanProps) {
  const effect = plan.would_create + plan.would_change;
  const isFaulty = plan.problems.length > 0;
  return (
    <Stack gap="md">
      <Text>{name} was read to its end. Nothing has been written.</Text>
      {production !== undefined && (
        <Alert color="red" variant="outline" title={`This is ${production}`}>
          Real users feel it at once.
        </Alert>
      )}
      <Counts plan={plan} />
      <Problems problems={plan.problems} />
      {isFaulty && <Text>Rows with problems are left out. The others are imported.</Text>}
      {effect === 0 && <Text>Nothing would change.</Text>}
      {error !== null && error !== undefined && (
        <Text role="alert" c="var(--mantine-color-error)">
          {messageOf(error)}
        </Text>
      )}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onBack}>
          Another file
        </Button>
        <Button loading={isBusy} disabled={effect === 0} onClick={onStart}>
          {isFaulty ? `Import the other ${rows(plan.matched)}` : `Import ${rows(plan.matched)}`}
        </Button>
      </Group>
    </Stack>
  );
}
