/** What everybody gets who is in no segment and has no override. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { formError } from "../../api/errors.ts";
import { usePermissions } from "../../api/use-permissions.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { PrecedenceLadder } from "../../components/source.tsx";
import { ValueText } from "../../components/value-text.tsx";
import { type FlagPatch, optionsQuery, servedValue, writtenValue } from "./feature-queries.ts";
import classes from "./features.module.css";
import type { TabProps } from "./tab-props.ts";
import { TypedValue, typedText, typedValue } from "./typed-value.tsx";
import { VariantButtons, VariantsHead } from "./variants.tsx";
import { isTooMuch, type Weights, WeightsEditor } from "./weights.tsx";

export function ValueTab({ feature, flag, environment, projectId, write }: TabProps) {
  const held = servedValue(flag.environment_default.value);
  const heldWeights: Weights = Object.fromEntries(
    flag.environment_default.variants.map(({ id, weight }) => [id, weight]),
  );
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
    mutationFn: () => write.save(flag, patch),
    onSuccess: (saved) => saved && notifyDone(`Saved ${feature.name} in ${environment.name}.`),
  });
  const isChanged = isValueChanged || areWeightsChanged;
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
