/** Overrides one feature for many, or takes their overrides of it away. */
import { Button, Group, NativeSelect, Radio, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fieldError } from "../../api/errors.ts";
import type { EnvironmentDetail } from "../../api/types.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { type Expiry, expiresAt, expiryFault, expiryOf } from "../identity/expiry.ts";
import { ExpiryField } from "../identity/expiry-field.tsx";
import { type Feature, featuresQuery } from "../identity/identity-queries.ts";
import { AS_IT_IS, OWN_VALUE, servedChoices, servedOf, textOfValue } from "../identity/variant-choice.ts";
import type { BulkFormProps } from "./bulk-dialog.tsx";

export interface BulkOverrideProps extends BulkFormProps {
  readonly projectId: number;
  readonly environment: EnvironmentDetail;
}

type Served = ReturnType<typeof servedOf>;

const STATES = { on: "On", off: "Off", reset: "Reset: as everybody else" } as const;
type State = keyof typeof STATES;
const FIELDS = ["feature", "value", "variant", "reason", "expires_at"] as const;

export function BulkOverride({ projectId, environment, onReady, isBusy, error }: BulkOverrideProps) {
  const { data: features } = useQuery(featuresQuery(projectId, environment));
  const [featureId, setFeatureId] = useState<string | null>(null);
  const [state, setState] = useState<State>("on");
  const [served, setServed] = useState<Served>({});
  const [reason, setReason] = useState("");
  const [expiry, setExpiry] = useState<Expiry>(() => expiryOf(null));
  const [isTried, setIsTried] = useState(false);
  const feature = featureId === null ? undefined : features?.get(Number(featureId));
  const fault = state === "reset" ? undefined : expiryFault(expiry, Date.now());
  const submit = () => {
    setIsTried(true);
    if (!feature || fault !== undefined) return;
    if (state === "reset") {
      return onReady({ work: { type: "remove_override", feature: feature.id }, words: `Resetting ${feature.name}` });
    }
    const end = expiresAt(expiry, Date.now()) ?? null;
    const told = { reason: reason.trim() || null, expires_at: end };
    const work = { type: "set_override", feature: feature.id, enabled: state === "on", ...served, ...told };
    onReady({ work, words: `Overriding ${feature.name}: ${state}` });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <FormProblem error={error} fields={FIELDS} />
        <Select
          label="Feature"
          placeholder="Choose a feature"
          searchable
          data={[...(features?.values() ?? [])].map(({ id, name }) => ({ value: String(id), label: name }))}
          value={featureId}
          onChange={setFeatureId}
          limit={100}
          nothingFoundMessage="No such feature"
          error={(isTried && !feature ? "Choose a feature." : undefined) ?? fieldError(error, "feature")}
        />
        <Radio.Group label="They get it" value={state} onChange={(value) => setState(value as State)}>
          <Group gap="md" mt={4}>
            {(Object.keys(STATES) as State[]).map((value) => (
              <Radio key={value} value={value} label={STATES[value]} />
            ))}
          </Group>
        </Radio.Group>
        {state !== "reset" && (
          <>
            {feature && <ServedFields key={feature.id} feature={feature} error={error} onChange={setServed} />}
            <TextInput
              label="Reason"
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              maxLength={1000}
              error={fieldError(error, "reason")}
            />
            <ExpiryField
              value={expiry}
              onChange={setExpiry}
              error={(isTried ? fault : undefined) ?? fieldError(error, "expires_at")}
            />
          </>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={isBusy}>
            Count first
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ServedFieldsProps {
  readonly feature: Feature;
  readonly error: unknown;
  readonly onChange: (served: Served) => void;
}

function ServedFields({ feature, error, onChange }: ServedFieldsProps) {
  const before = feature.environment_feature_state?.feature_state_value ?? null;
  const variants = servedChoices(feature, null);
  const choices =
    variants.length > 0
      ? variants
      : [
          { value: AS_IT_IS, label: "The value that everybody gets" },
          { value: OWN_VALUE, label: "A value of its own" },
        ];
  const [choice, setChoice] = useState(AS_IT_IS);
  const [text, setText] = useState(textOfValue(before));
  const tell = (nextChoice: string, nextText: string) => {
    setChoice(nextChoice);
    setText(nextText);
    onChange(servedOf(nextChoice, nextText, before));
  };
  return (
    <>
      <NativeSelect
        label="What they get"
        data={choices}
        value={choice}
        onChange={(event) => tell(event.currentTarget.value, text)}
        error={fieldError(error, "variant")}
      />
      {choice === OWN_VALUE && (
        <Textarea
          label="Value"
          value={text}
          onChange={(event) => tell(choice, event.currentTarget.value)}
          autosize
          minRows={1}
          maxRows={10}
          spellCheck={false}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
          error={fieldError(error, "value")}
        />
      )}
    </>
  );
}
