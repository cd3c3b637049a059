import { Group, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { fieldError } from "../api/errors.ts";
import type { May } from "../api/use-permissions.ts";
import { FormProblem } from "./form-problem.tsx";
import { GatedButton } from "./gated-button.tsx";
import { notifyDone } from "./notify.tsx";

export interface NameFormProps<T extends { readonly name: string }> {
  readonly thing: T;
  readonly may: May;
  /** `seen` is what the form began with. */
  readonly save: (body: { readonly name: string }, seen: T) => Promise<T>;
}

/** What something is called, where there is no more to it. */
export function NameForm<T extends { readonly name: string }>({ thing, may, save }: NameFormProps<T>) {
  const [seen, setSeen] = useState(thing);
  const [text, setText] = useState(thing.name);
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => save({ name: text.trim() }, seen),
    onSuccess: (saved) => {
      setSeen(saved);
      notifyDone(`Saved ${saved.name}.`);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md">
        <FormProblem error={error} fields={["name"]} />
        <TextInput
          label="Name"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={fieldError(error, "name")}
          required
          readOnly={!may.isAllowed}
        />
        <Group>
          <GatedButton may={may} type="submit" loading={isPending}>
            Save
          </GatedButton>
        </Group>
      </Stack>
    </form>
  );
}
