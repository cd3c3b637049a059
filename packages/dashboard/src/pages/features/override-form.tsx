import { Button, Group, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { FormProblem } from "../../components/form-problem.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { ValueText } from "../../components/value-text.tsx";
import { type Option, type SegmentOverride, servedValue, writtenValue } from "./feature-queries.ts";
import type { TabProps } from "./tab-props.ts";
import { typedText, typedValue } from "./typed-text.ts";
import { TypedValue } from "./typed-value.tsx";
import { isTooMuch, type Weights, WeightsEditor } from "./weights.tsx";

export interface OverrideFormProps extends TabProps {
  readonly override: SegmentOverride;
  readonly options: readonly Option[];
  readonly name: string;
  readonly onDone: () => void;
}

/** What one segment gets: a value, and shares of its own among the variants. */
export function OverrideForm({ flag, write, override, options, name, onDone }: OverrideFormProps) {
  // As it was when editing began: what others save meanwhile must not count as seen.
  const [base] = useState(flag);
  const [value, setValue] = useState(() => typedText(servedValue(override.value)));
  const [weights, setWeights] = useState<Weights>(() =>
    Object.fromEntries(override.variants.map(({ id, weight }) => [id, weight])),
  );
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => {
      const patch = {
        segment_overrides: [
          {
            segment: { id: override.segment.id },
            value: writtenValue(typedValue(value)),
            ...(options.length > 0 && { variants: options.map(({ id }) => ({ id, weight: weights[id] ?? 0 })) }),
          },
        ],
      };
      const onSaved = () => {
        notifyDone(`Saved what ${name} gets.`);
        onDone();
      };
      return write.save(base, patch, { onSaved, onTheirs: onDone });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="sm" mt="md">
        <FormProblem error={error} fields={[]} />
        <TypedValue value={value} onChange={setValue} label={`Value for ${name}`} minLines={3} />
        {options.length > 0 && (
          <WeightsEditor
            options={options}
            weights={weights}
            onChange={(id, weight) => setWeights((old) => ({ ...old, [id]: weight }))}
            control={<ValueText value={typedValue(value)} />}
            isReadOnly={false}
          />
        )}
        <Group>
          <Button type="submit" size="xs" loading={isPending} disabled={isTooMuch(weights)}>
            Save
          </Button>
          <Button variant="default" size="xs" onClick={onDone}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
