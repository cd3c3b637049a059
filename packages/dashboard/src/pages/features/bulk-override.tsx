/** The same override for a list of identities, or for all that a query finds: counted first, then done as a job. */
import type { dryRunSchema, jobSchema } from "@burgee/contract/admin";
import { Alert, Button, Group, List, SegmentedControl, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { z } from "zod";
import { api, apiPath } from "../../api/client.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { ProgressJob } from "../../components/progress-job.tsx";
import { environmentLook } from "../../frame/environment-look.ts";
import { useOverrideDraft } from "./identity-override-form.tsx";
import type { TabProps } from "./tab-props.ts";

type DryRun = z.infer<typeof dryRunSchema>;
type Job = z.infer<typeof jobSchema>;

const numbers = new Intl.NumberFormat();

const identifiersOf = (text: string): string[] => [
  ...new Set(
    text
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== ""),
  ),
];

export function BulkOverride(props: TabProps) {
  const { feature, environment } = props;
  const [by, setBy] = useState("list");
  const [does, setDoes] = useState("set");
  const [text, setText] = useState("");
  const { draft, fields } = useOverrideDraft(props, undefined);
  const path = apiPath`/environments/${environment.api_key}/jobs/`;
  const work = {
    feature: feature.id,
    identities: by === "list" ? { identifiers: identifiersOf(text) } : { query: text },
    ...(does === "set" ? { type: "set_override", ...draft } : { type: "remove_override" }),
  };
  const count = useMutation({ mutationFn: () => api.post<DryRun>(path, { ...work, dry_run: true }) });
  const start = useMutation({ mutationFn: () => api.post<Job>(path, work) });
  const edited = () => count.reset();
  if (start.data) {
    const title = `${does === "set" ? "Overriding" : "Removing overrides of"} ${feature.name}`;
    return <ProgressJob environmentKey={environment.api_key} jobId={start.data.id} title={title} />;
  }
  return (
    <Stack gap="md" onChange={edited}>
      <FormProblem error={count.error ?? start.error} fields={[]} />
      <SegmentedControl
        aria-label="What to do"
        value={does}
        onChange={(next) => {
          setDoes(next);
          edited();
        }}
        data={[
          { value: "set", label: "Set an override" },
          { value: "remove", label: "Remove overrides" },
        ]}
      />
      <SegmentedControl
        aria-label="For whom"
        value={by}
        onChange={(next) => {
          setBy(next);
          edited();
        }}
        data={[
          { value: "list", label: "A list of identifiers" },
          { value: "query", label: "All that a search finds" },
        ]}
      />
      {by === "list" ? (
        <Textarea
          label="Identifiers"
          description="One a line, at most 10,000."
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          autosize
          minRows={4}
          maxRows={12}
        />
      ) : (
        <TextInput
          label="Search"
          description="As on the page of identities, such as plan:pro country:DE."
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      {does === "set" && fields(count.error)}
      {count.data && <Count data={count.data} />}
      {count.data && environmentLook(environment).isProduction && (
        <Text fw={600}>This is {environment.name}: real users feel it at once.</Text>
      )}
      <Group justify="flex-end">
        <Button
          variant="default"
          loading={count.isPending}
          disabled={text.trim() === ""}
          onClick={() => count.mutate()}
        >
          Count first
        </Button>
        <Button disabled={!count.data} loading={start.isPending} onClick={() => start.mutate()}>
          {does === "set" ? "Set the overrides" : "Remove the overrides"}
        </Button>
      </Group>
    </Stack>
  );
}

function Count({ data }: { data: DryRun }) {
  const { matched, would_create, would_change, would_delete, unchanged, problems } = data;
  const parts = [
    would_create > 0 && `${numbers.format(would_create)} would be new`,
    would_change > 0 && `${numbers.format(would_change)} would change`,
    would_delete > 0 && `${numbers.format(would_delete)} would go`,
    unchanged > 0 && `${numbers.format(unchanged)} would stay as they are`,
  ].filter((part) => part !== false);
  return (
    <Alert variant="outline" color="gray" title={`${numbers.format(matched)} identities found`} role="status">
      {parts.join(", ")}
      {problems.length > 0 && (
        <List size="sm" mt={4}>
          {problems.slice(0, 8).map(({ identifier, message }) => (
            <List.Item key={`${identifier}${message}`}>
              {identifier}: {message}
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}
