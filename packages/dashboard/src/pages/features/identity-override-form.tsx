import { Button, Checkbox, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fieldError } from "../../api/errors.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { type IdentityOverride, optionsQuery, servedValue } from "./feature-queries.ts";
import type { TabProps } from "./tab-props.ts";
import { typedText, typedValue } from "./typed-text.ts";
import { TypedValue } from "./typed-value.tsx";
import { useIdentityOverride } from "./use-identity-override.ts";
import { nameOf } from "./weights.tsx";

export interface IdentityOverrideFormProps extends TabProps {
  readonly identifier: string;
  readonly override: IdentityOverride | undefined;
  readonly onDone: () => void;
}

/** A datetime-local field's text, in the browser's own time, and back. */
function localTime(iso: string | null): string {
  if (iso === null) return "";
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

const isoTime = (local: string): string | null => (local === "" ? null : new Date(local).toISOString());

const VALUE = "=";

export interface OverrideDraft {
  readonly enabled: boolean;
  readonly value?: ReturnType<typeof typedValue>;
  readonly variant?: string;
  readonly reason: string | null;
  readonly expires_at: string | null;
}

/** The fields of an override, and what they make. */
export function useOverrideDraft({ feature, flag, projectId }: TabProps, override: IdentityOverride | undefined) {
  const held = override ? override.value : servedValue(flag.environment_default.value);
  const [enabled, setEnabled] = useState(override?.enabled ?? !flag.environment_default.enabled);
  const [pinned, setPinned] = useState(override?.variant ?? VALUE);
  const [value, setValue] = useState(() => typedText(held));
  const [reason, setReason] = useState(override?.reason ?? "");
  const [until, setUntil] = useState(() => localTime(override?.expires_at ?? null));
  const { data: options = [] } = useQuery(optionsQuery(projectId, feature.id));
  const named = options.filter(({ key }) => key !== null);
  const draft: OverrideDraft = {
    enabled,
    ...(pinned === VALUE ? { value: typedValue(value) } : { variant: pinned }),
    reason: reason.trim() || null,
    expires_at: isoTime(until),
  };
  const fields = (error: unknown) => (
    <>
      <Checkbox label="On for them" checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
      {named.length > 0 && (
        <NativeSelect
          label="They get"
          value={pinned}
          onChange={(event) => setPinned(event.currentTarget.value)}
          data={[
            { value: VALUE, label: "a value of their own" },
            ...named.map((option, index) => ({
              value: option.key ?? "",
              label: `the variant ${nameOf(option, index)}`,
            })),
            { value: "control", label: "the control value" },
          ]}
          error={fieldError(error, "variant")}
        />
      )}
      {pinned === VALUE && (
        <TypedValue value={value} onChange={setValue} label="Value" minLines={2} error={fieldError(error, "value")} />
      )}
      <TextInput
        label="Reason"
        description="For whoever finds it later."
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={fieldError(error, "reason")}
      />
      <TextInput
        type="datetime-local"
        label="Until"
        description="It stops applying then. Empty: it stays."
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
        error={fieldError(error, "expires_at")}
      />
    </>
  );
  return { draft, fields };
}

export function IdentityOverrideForm({ identifier, override, onDone, ...props }: IdentityOverrideFormProps) {
  const { feature, environment } = props;
  const { draft, fields } = useOverrideDraft(props, override);
  // As it was when editing began: what others save meanwhile must not count as seen.
  const [shown] = useState(override?.updated_at);
  const { save } = useIdentityOverride(environment.api_key, identifier, feature);
  const { mutate, isPending, error } = useMutation({ mutationFn: () => save(draft, shown), onSuccess: onDone });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md" mt={override ? "md" : 0}>
        <FormProblem error={error} fields={["variant", "value", "reason", "expires_at"]} />
        {fields(error)}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isPending} disabled={identifier === ""}>
            Save override
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
