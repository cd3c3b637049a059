/** What everybody gets who is in no segment and has no override. */
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { formError } from "../../api/errors.ts";
import { usePermissions } from "../../api/use-permissions.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { GatedButton } from "../../components/gated-button.tsx";
import { notifyDone } from "../../components/notify.tsx";
import { PrecedenceLadder } from "../../components/source.tsx";
import { ValueText } from "../../components/value-text.tsx";
import { type Flag, flagQuery, optionsQuery, servedValue } from "./feature-queries.ts";
import classes from "./features.module.css";
import type { TabProps } from "./tab-props.ts";
import { typedValue } from "./typed-text.ts";
import { TypedValue } from "./typed-value.tsx";
import { isOvertaken, patchOf, shownText, shownWeights, type ValueDraft, withTyped } from "./value-draft.ts";
import { VariantButtons, VariantsHead } from "./variants.tsx";
import { isTooMuch, WeightsEditor } from "./weights.tsx";

/** The draft, and the flag below it. What was typed survives whatever others save; they are told of it, and choose. */
function useValueDraft({ feature, environment, projectId, write, ...props }: TabProps) {
  // Asked for here once more: a draft that has been saved and its flag must not be a render apart.
  const { data: flag = props.flag } = useQuery(flagQuery(environment.api_key, feature.id));
  const { data: options = [] } = useQuery(optionsQuery(projectId, feature.id));
  const [draft, setDraft] = useState<ValueDraft>();
  const now = flag.environment_default;
  const patch = patchOf(draft, now, options);
  const drop = () => setDraft(undefined);
  const save = useMutation({
    mutationFn: () => {
      const base = { ...flag, environment_default: { ...now, ...draft?.base } };
      const onSaved = (saved: Flag) => {
        // What was typed while it was on its way is a draft over what is saved now.
        setDraft((old) => (old && old !== draft ? { ...old, base: saved.environment_default } : undefined));
        notifyDone(`Saved ${feature.name} in ${environment.name}.`);
      };
      return write.save(base, { environment_default: patch }, { onSaved, onTheirs: drop });
    },
  });
  return {
    now,
    options,
    value: shownText(draft, now),
    weights: shownWeights(draft, now),
    type: (typed: Pick<ValueDraft, "value" | "weights">) => setDraft((old) => withTyped(old, now, typed)),
    drop,
    save,
    isChanged: Object.keys(patch).length > 0,
    isOvertaken: draft !== undefined && isOvertaken(draft, now, patch),
  };
}

export function ValueTab(props: TabProps) {
  const { feature, environment, projectId } = props;
  const draft = useValueDraft(props);
  const { options, value, weights, save } = draft;
  const may = usePermissions(environment.api_key).may("UPDATE_FEATURE_STATE");
  const hasVariants = options.length > 0;
  return (
    <form
      className={classes["narrow"]}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="lg">
        <Stack gap={8}>
          <Text c="dimmed">What everybody gets in {environment.name}, unless something stronger holds for them:</Text>
          <PrecedenceLadder />
        </Stack>
        {draft.isOvertaken && <Overtaken now={draft.now} onTheirs={draft.drop} />}
        <FormProblem error={formError(save.error, []) === undefined ? null : save.error} fields={[]} />
        <TypedValue
          value={value}
          onChange={(typed) => draft.type({ value: typed })}
          label={hasVariants ? "Control value" : "Value"}
          description={
            hasVariants
              ? "For whoever gets no variant."
              : "Applications read it beside on and off. Empty for a plain switch."
          }
          isReadOnly={!may.isAllowed}
        />
        <section aria-label="Variants">
          <VariantsHead feature={feature} projectId={projectId} environment={environment} hasVariants={hasVariants} />
          {hasVariants && (
            <WeightsEditor
              options={options}
              weights={weights}
              onChange={(id, weight) => draft.type({ weights: { [id]: weight } })}
              control={<ValueText value={typedValue(value)} />}
              isReadOnly={!may.isAllowed}
              actions={(option) => (
                <VariantButtons feature={feature} projectId={projectId} environment={environment} option={option} />
              )}
            />
          )}
        </section>
        <Group>
          <GatedButton
            may={may}
            type="submit"
            loading={save.isPending}
            disabled={!draft.isChanged || isTooMuch(weights)}
          >
            Save in {environment.name}
          </GatedButton>
          {draft.isChanged && (
            <Button variant="default" onClick={draft.drop}>
              Reset
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

function Overtaken({ now, onTheirs }: { now: TabProps["flag"]["environment_default"]; onTheirs: () => void }) {
  return (
    <Alert variant="outline" color="gray" role="status" title="Somebody else changed this value meanwhile">
      <Group justify="space-between">
        <span>
          It is now <ValueText value={servedValue(now.value)} />. What you typed is still here.
        </span>
        <Button variant="default" size="xs" onClick={onTheirs}>
          Show theirs
        </Button>
      </Group>
    </Alert>
  );
}
