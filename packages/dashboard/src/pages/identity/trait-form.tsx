/** One trait as it is typed: its type, and a value that must be of it. */
import { Autocomplete, Button, Group, NativeSelect, Stack, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { fieldError } from "../../api/errors.ts";
import { FormProblem } from "../../components/form-problem.tsx";
import { catalogueQuery } from "../segments/segment-queries.ts";
import type { RecordTrait } from "./identity-queries.ts";
import { guessType, readTrait, TRAIT_TYPES, type TraitType, TYPE_WORDS, textOf } from "./trait-text.ts";

export interface TraitFormProps {
  readonly environmentKey: string;
  /** undefined = a new one. */
  readonly trait: RecordTrait | undefined;
  /** Keys that are taken. */
  readonly taken: readonly string[];
  readonly onSave: (trait: RecordTrait) => Promise<unknown>;
  readonly onDone: () => void;
  readonly saveLabel?: string;
}

/** Of the catalogue, where one may see it; a field that completes nothing else. */
function useKnownKeys(environmentKey: string, q: string): string[] {
  const [asked] = useDebouncedValue(q, 150);
  const { data } = useQuery({ ...catalogueQuery(environmentKey, asked), retry: false });
  return data?.results.map(({ key }) => key) ?? [];
}

export function TraitForm({ environmentKey, trait, taken, onSave, onDone, saveLabel = "Save trait" }: TraitFormProps) {
  const [key, setKey] = useState(trait?.key ?? "");
  const [text, setText] = useState(trait ? textOf(trait) : "");
  const [chosen, setChosen] = useState<TraitType | undefined>(trait?.type);
  const [isTried, setIsTried] = useState(false);
  const known = useKnownKeys(environmentKey, trait ? "" : key);
  const type = chosen ?? guessType(text);
  const read = readTrait(type, text);
  const isTaken = !trait && taken.includes(key);
  const keyFault =
    key === "" ? "Give it a name." : isTaken ? "This identity has it already; edit it there." : undefined;
  const { mutate, isPending, error } = useMutation({ mutationFn: onSave, onSuccess: onDone });
  return (
    <form
      aria-label={trait ? `Trait ${trait.key}` : "New trait"}
      onSubmit={(event) => {
        event.preventDefault();
        setIsTried(true);
        if (read.ok && keyFault === undefined) mutate({ key, type, value: read.value });
      }}
    >
      <Stack gap="sm">
        <FormProblem error={error} fields={["value", "trait_key"]} />
        {!trait && (
          <Autocomplete
            label="Trait"
            placeholder="plan"
            value={key}
            onChange={setKey}
            data={known.filter((each) => !taken.includes(each))}
            limit={20}
            maxLength={200}
            error={(isTried || isTaken ? keyFault : undefined) ?? fieldError(error, "trait_key")}
          />
        )}
        <Group gap="sm" align="flex-start">
          <NativeSelect
            label="Type"
            value={type}
            onChange={(event) => {
              const next = event.currentTarget.value as TraitType;
              setChosen(next);
              if (next === "boolean" && text !== "true" && text !== "false") setText("true");
            }}
            data={TRAIT_TYPES.map((value) => ({ value, label: TYPE_WORDS[value] }))}
            w={150}
          />
          <ValueField
            type={type}
            text={text}
            onChange={setText}
            error={(isTried && !read.ok ? read.fault : undefined) ?? fieldError(error, "value")}
          />
        </Group>
        <Group gap="sm">
          <Button type="submit" loading={isPending}>
            {saveLabel}
          </Button>
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ValueFieldProps {
  readonly type: TraitType;
  readonly text: string;
  readonly onChange: (text: string) => void;
  readonly error: string | undefined;
}

function ValueField({ type, text, onChange, error }: ValueFieldProps) {
  const style = { flex: "1 1 12rem" };
  if (type === "boolean") {
    return (
      <NativeSelect
        label="Value"
        value={text}
        onChange={(event) => onChange(event.currentTarget.value)}
        data={[
          { value: "true", label: "yes (true)" },
          { value: "false", label: "no (false)" },
        ]}
        style={style}
      />
    );
  }
  const field = {
    label: "Value",
    value: text,
    error,
    style,
    styles: { input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } },
  };
  if (type !== "string") {
    return <TextInput {...field} inputMode="decimal" onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  return (
    <Textarea {...field} autosize minRows={1} maxRows={8} onChange={(event) => onChange(event.currentTarget.value)} />
  );
}
