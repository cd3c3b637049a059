/** A new key: its name, its end, and then the key itself, shown this once. */
import { Alert, Button, Group, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { fieldError } from "../api/errors.ts";
import { CopyText } from "./copy-text.tsx";
import { FormProblem } from "./form-problem.tsx";

export interface KeyFormProps {
  /** Of the name: "Which server uses it." */
  readonly description: string;
  /** Above the key once it is made. */
  readonly shownTitle: string;
  readonly doneLabel: string;
  /** What the API calls the end. */
  readonly endField: "expires_at" | "expiry_date";
  /** `end` is ISO, or null = none. */
  readonly make: (name: string, end: string | null) => Promise<{ readonly key: string }>;
  readonly onDone: () => void;
  /** Further fields. */
  readonly children?: ReactNode;
}

export function KeyForm({ description, shownTitle, doneLabel, endField, make, onDone, children }: KeyFormProps) {
  const [name, setName] = useState("");
  const [until, setUntil] = useState("");
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: () => make(name.trim(), until === "" ? null : new Date(until).toISOString()),
  });
  if (data) {
    return (
      <Stack gap="md">
        <Alert variant="outline" color="gray" title={shownTitle}>
          <CopyText text={data.key} what="key" />
        </Alert>
        <Group justify="flex-end">
          <Button onClick={onDone}>{doneLabel}</Button>
        </Group>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        mutate();
      }}
    >
      <Stack gap="md">
        <FormProblem error={error} fields={["name", endField]} />
        <TextInput
          label="Name"
          description={description}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(error, "name")}
          required
          data-autofocus
        />
        {children}
        <TextInput
          type="datetime-local"
          label="Until"
          description="Empty: until it is withdrawn."
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
          error={fieldError(error, endField)}
        />
        <Group justify="flex-end">
          <Button type="submit" loading={isPending}>
            Make key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
