/** What everybody gets who is in no segment and has no override. */
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { formError } from "../../api/errors.ts";
import { usePermissions } from "../../api/use-permissions.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { PrecedenceLadder } from "../../components/source.tsx";
import { ValueText } from "../../components/value-text.tsx";
import { type FlagPatch, optionsQuery, type Served, servedValue, writtenValue } from "./feature-queries.ts";
import classes from "./features.module.css";
import type { TabProps } from "./tab-props.ts";
import { TypedValue, typedText, typedValue } from "./typed-value.tsx";
import { VariantButtons, VariantsHead } from "./variants.tsx";
import { isTooMuch, type Weights, WeightsEditor } from "./weights.tsx";

type Held = Pick<Served, "value" | "variants">;

const heldOf = ({ value, variants }: Served): Held => ({ value, variants });
const isSame = (a: Held, b: Held): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What was typed survives what others save meanwhile: they are told of it, and choose. */
export function ValueTab(props: TabProps) {
  const current = props.flag.environment_default;
  const [base, setBase] = useState<Held>(() => heldOf(current));
  const [isDirty, setIsDirty] = useState(false);
  const isOld = !isSame(base, heldOf(current));
  if (isOld && !isDirty) setBase(heldOf(current));
  const follow = () => {
    setIsDirty(false);
    setBase(heldOf(current));
  };
  return (
    <>
      {isOld && isDirty && (
        <Alert variant="outline" color="gray" mb="md" title="Somebody else changed this value meanwhile">
          <Group justify="space-between">
            <span>
              It is now <ValueText value={servedValue(current.value)} />.
            </span>
            <Button variant="default" size="xs" onClick={follow}>
              Show theirs
            </Button>
          </Group>
        </Alert>
      )}
      <ValueForm key={JSON.stringify(base)} {...props} base={base} onDirty={setIsDirty} />
    </>
  );
}

interface ValueFormProps extends TabProps {
  /** What the form began with. */
  readonly base: Held;
  readonly onDirty: (isDirty: boolean) => void;
}

function ValueForm({ feature, flag, environment, projectId, write, base, onDirty }: ValueFormProps) {
  const held = servedValue(base.value);
  const heldWeights: Weights = Object.fromEntries(base.variants.map(({ id, weight }) => [id, weight]));
  const [value, setValue] = useState(() => typedText(held));
  const [weights, setWeights] = useState(heldWeights);
  const { data: options = [] } = useQuery(optionsQuery(projectId, feature.id));
  const may = usePermissions(environment.api_key).may("UPDATE_FEATURE_STATE");
  const isValueChanged = typedValue(value) !== (held ?? "");
  const areWeightsChanged = options.some(({ id }) => (weights[id] ?? 0) !== (heldWeights[id] ?? 0));
  const patch: FlagPatch = {
    environment_default: {
      ...(isValueChanged && { value: writtenValue(typedValue(value)) }),
      ...(areWeightsChanged && { variants: options.map(({ id }) => ({ id, weight: weights[id] ?? 0 })) }),
    },
  };
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => write.save({ ...flag, environment_default: { ...flag.environment_default, ...base } }, patch),
    onSuccess: (saved) => {
      if (!saved) return;
      onDirty(false);
      notifyDone(`Saved ${feature.name} in ${environment.name}.`);
    },
  });
  const isChanged = isValueChanged || areWeightsChanged;
  useEffect(() => onDirty(isChanged), [isChanged, onDirty]);
  return (
    <form
      className={classes["narrow"]}
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="lg">
        <Group justify="space-between">
          <Text c="dimmed">What everybody gets in {environment.name}, unless something stronger holds for them:</Text>
          <PrecedenceLadder />
        </Group>
        <FormProblem error={formError(error, []) === undefined ? null : error} fields={[]} />
        <TypedValue
          value={value}
          onChange={setValue}
          label={options.length > 0 ? "Control value" : "Value"}
          description={
            options.length > 0
              ? "For whoever gets no variant."
              : "Applications read it beside on and off. Empty for a plain switch."
          }
          isReadOnly={!may.isAllowed}
        />
        <section aria-label="Variants">
          <VariantsHead
            feature={feature}
            projectId={projectId}
            environment={environment}
            hasVariants={options.length > 0}
          />
          {options.length > 0 && (
            <WeightsEditor
              options={options}
              weights={weights}
              onChange={setWeights}
              control={<ValueText value={typedValue(value)} />}
              isReadOnly={!may.isAllowed}
              actions={(option) => (
                <VariantButtons feature={feature} projectId={projectId} environment={environment} option={option} />
              )}
            />
          )}
        </section>
        <Group>
          <GatedButton may={may} type="submit" loading={isPending} disabled={!isChanged || isTooMuch(weights)}>
            Save in {environment.name}
          </GatedButton>
          {isChanged && (
            <Button
              variant="default"
              onClick={() => {
                setValue(typedText(held));
                setWeights(heldWeights);
              }}
            >
              Reset
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
