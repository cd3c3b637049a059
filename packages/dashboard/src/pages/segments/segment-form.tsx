/** A segment's name and rules, with how many are in while one edits. */
import { findFaults } from "@burgee/engine";
import { Alert, Button, Group, Stack, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ApiError, fieldError } from "../../api/errors.ts";
import type { Environment } from "../../api/types.ts";
import type { May } from "../../api/use-permissions.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { LiveCount } from "./live-count.tsx";
import { RuleEditor } from "./rule-editor.tsx";
import { editRules, faultsById, type WireRule, writeRules } from "./rule-tree.ts";
import { catalogueQuery, type Segment } from "./segment-queries.ts";
import classes from "./segments.module.css";

export interface SegmentDraft {
  readonly name: string;
  readonly description: string | null;
  readonly rules: readonly WireRule[];
}

export interface SegmentFormProps {
  readonly environment: Environment;
  /** undefined = one being made. */
  readonly segment: Segment | undefined;
  readonly may: May;
  readonly onSave: (draft: SegmentDraft) => Promise<unknown>;
}

const isHidden = (error: unknown): boolean => error instanceof ApiError && error.status === 403;

export function SegmentForm({ environment, segment, may, onSave }: SegmentFormProps) {
  const [name, setName] = useState(segment?.name ?? "");
  const [description, setDescription] = useState(segment?.description ?? "");
  const [root, setRoot] = useState(() => editRules(segment?.rules ?? []));
  const rules = useMemo(() => writeRules(root), [root]);
  const faults = useMemo(() => findFaults(rules), [rules]);
  const byId = useMemo(() => faultsById(root, faults), [root, faults]);
  const [settled] = useDebouncedValue(rules, 350);
  const catalogue = useQuery(catalogueQuery(environment.api_key, ""));
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => onSave({ name, description: description.trim() === "" ? null : description, rules }),
  });
  const isReadOnly = !may.isAllowed;
  return (
    <div className={classes["columns"]}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          mutate();
        }}
      >
        <Stack gap="md">
          <FormProblem error={error} fields={["name", "description"]} />
          <TextInput
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={fieldError(error, "name")}
            required
            readOnly={isReadOnly}
            data-autofocus
          />
          <Textarea
            label="Description"
            description="What these people have in common, for whoever finds it later."
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
            error={fieldError(error, "description")}
            autosize
            readOnly={isReadOnly}
          />
          <RuleEditor
            root={root}
            onChange={setRoot}
            environmentKey={environment.api_key}
            traits={catalogue.data?.results ?? []}
            faults={byId}
            isReadOnly={isReadOnly}
          />
          {!isReadOnly && isHidden(catalogue.error) && (
            <Alert color="gray" variant="outline">
              You may not see traits here, so keys and values are not completed.
            </Alert>
          )}
          <Group justify="flex-end">
            {segment && !isReadOnly && (
              <Button
                variant="default"
                onClick={() => {
                  setName(segment.name);
                  setDescription(segment.description ?? "");
                  setRoot(editRules(segment.rules));
                }}
              >
                Reset
              </Button>
            )}
            <GatedButton may={may} type="submit" loading={isPending}>
              {segment ? "Save segment" : "Create segment"}
            </GatedButton>
          </Group>
        </Stack>
      </form>
      <aside className={classes["aside"]} aria-label="Who is in">
        <LiveCount
          environmentKey={environment.api_key}
          environment={environment.name}
          rules={settled}
          segmentId={segment?.id}
          faults={faults}
        />
      </aside>
    </div>
  );
}
