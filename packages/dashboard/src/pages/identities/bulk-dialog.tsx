/** Work on many identities: what, then how many it would concern, then a bar until it is done. */
import { Alert, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api, apiPath } from "../../api/client.ts";
import { messageOf } from "../../api/errors.ts";
import { sayTargets, type Targets } from "./bulk-targets.ts";
import { Counts, Problems } from "./dry-run-counts.tsx";
import { JobView } from "./job-view.tsx";
import type { DryRun, StartedJob } from "./search-queries.ts";
import { sayIdentities, sayNumber } from "./totals.ts";

/** A job's body without whom it is about. */
export type Work = Readonly<Record<string, unknown>> & { readonly type: string };

/** Work with what it is called: "Overriding checkout_v2". */
export interface NamedWork {
  readonly work: Work;
  readonly words: string;
}

export interface BulkFormProps {
  readonly onReady: (named: NamedWork) => void;
  readonly isBusy: boolean;
  readonly error: unknown;
}

export interface BulkDialogProps {
  readonly environmentKey: string;
  readonly production: string | undefined;
  readonly targets: Targets;
  readonly title: string;
  /** On the button that does it: "Override". */
  readonly verb: string;
  readonly form: (props: BulkFormProps) => ReactNode;
  /** Nothing comes back: then the number must be typed. */
  readonly isFinal?: boolean;
  readonly onClose: () => void;
  /** The job has ended. */
  readonly onEnd: () => void;
}

export function BulkDialog(props: BulkDialogProps) {
  const { environmentKey, targets, title, onClose, onEnd } = props;
  const [planned, setPlanned] = useState<NamedWork & { readonly plan: DryRun }>();
  const [job, setJob] = useState<{ readonly id: string; readonly title: string }>();
  const path = apiPath`/environments/${environmentKey}/jobs/`;
  const count = useMutation({
    mutationFn: async ({ work, words }: NamedWork) => ({
      ...{ work, words },
      plan: await api.post<DryRun>(path, { ...work, identities: targets, dry_run: true }),
    }),
    onSuccess: setPlanned,
  });
  const start = useMutation({
    mutationFn: ({ work }: NamedWork) => api.post<StartedJob>(path, { ...work, identities: targets }),
    onSuccess: ({ id }, { words }) => setJob({ id, title: words }),
  });
  return (
    <Modal opened onClose={onClose} title={title} size="lg">
      {job ? (
        <JobView environmentKey={environmentKey} jobId={job.id} title={job.title} onEnd={onEnd} onClose={onClose} />
      ) : planned ? (
        <Plan
          {...props}
          plan={planned.plan}
          words={planned.words}
          isBusy={start.isPending}
          error={start.error}
          onBack={() => setPlanned(undefined)}
          onStart={() => start.mutate(planned)}
        />
      ) : (
        <Stack gap="md">
          <Text>For {sayTargets(targets)}.</Text>
          {props.form({ onReady: count.mutate, isBusy: count.isPending, error: count.error })}
        </Stack>
      )}
    </Modal>
  );
}

interface PlanProps extends BulkDialogProps {
  readonly plan: DryRun;
  readonly words: string;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onBack: () => void;
  readonly onStart: () => void;
}

const effectOf = ({ would_create, would_change, would_delete }: DryRun): number =>
  would_create + would_change + would_delete;

function Plan({ plan, words, targets, production, isFinal = false, verb, isBusy, error, onBack, onStart }: PlanProps) {
  const [text, setText] = useState("");
  const effect = effectOf(plan);
  const typed = String(effect);
  const isReady = effect > 0 && (!isFinal || text.replaceAll(/[\s,.]/g, "") === typed);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onStart();
      }}
    >
      <Stack gap="md">
        {production !== undefined && (
          <Alert color="red" variant="outline" title={`This is ${production}`}>
            Real users feel it at once.
          </Alert>
        )}
        <Text>
          {words}, for {sayTargets(targets)}. Nothing has been done yet.
        </Text>
        <Counts plan={plan} />
        <Problems problems={plan.problems} />
        {effect === 0 && <Text>Nothing would change.</Text>}
        {isFinal && effect > 0 && (
          <>
            <Text>
              They go with their traits and overrides, and cannot be brought back. Users who come again are made anew.
            </Text>
            <TextInput
              label={`Type ${sayNumber(effect)} to go on`}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
              inputMode="numeric"
              autoComplete="off"
              data-autofocus
            />
          </>
        )}
        {error !== null && error !== undefined && (
          <Text role="alert" c="var(--mantine-color-error)">
            {messageOf(error)}
          </Text>
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onBack}>
            Back
          </Button>
          <Button type="submit" loading={isBusy} disabled={!isReady} {...(isFinal && { color: "red.9" })}>
            {effect === 0 ? verb : `${verb} ${sayIdentities(effect)}`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
