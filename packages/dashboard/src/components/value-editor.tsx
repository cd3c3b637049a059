import { Group, Input, NativeSelect, Skeleton, Text } from "@mantine/core";
import { lazy, Suspense, useId, useState } from "react";
import classes from "./value.module.css";
import { detectFormat, formatFault, VALUE_FORMATS, type ValueFormat } from "./value-format.ts";

// The editor is larger than the rest of a page: it is fetched when one is first looked at.
const CodeEditor = lazy(() => import("./code-editor.tsx").then((module) => ({ default: module.CodeEditor })));

export interface ValueEditorProps {
  readonly value: string;
  readonly onChange?: (text: string) => void;
  readonly label: string;
  readonly description?: string;
  readonly error?: string | undefined;
  readonly isReadOnly?: boolean;
  /** Lines it is high before it grows. */
  readonly minLines?: number;
}

const NAMES: Readonly<Record<ValueFormat, string>> = {
  text: "Text",
  json: "JSON",
  yaml: "YAML",
  toml: "TOML",
  xml: "XML",
};

/** A value as text with colours by format. Saves nothing by itself. */
export function ValueEditor(props: ValueEditorProps) {
  const { value, onChange, label, description, error, isReadOnly = false, minLines = 4 } = props;
  const id = useId();
  const [format, setFormat] = useState<ValueFormat>(() => detectFormat(value));
  const fault = error ?? formatFault(value, format);
  return (
    <Input.Wrapper labelProps={{ id }} labelElement="div" error={error}>
      <Group justify="space-between" align="flex-end" mb={4} wrap="nowrap">
        <div>
          <Input.Label labelElement="div" id={id}>
            {label}
          </Input.Label>
          {description !== undefined && <Input.Description>{description}</Input.Description>}
        </div>
        <NativeSelect
          aria-label={`Format of ${label}`}
          size="xs"
          value={format}
          onChange={(event) => setFormat(event.currentTarget.value as ValueFormat)}
          data={VALUE_FORMATS.map((each) => ({ value: each, label: NAMES[each] }))}
        />
      </Group>
      <div className={classes["editor"]} data-is-wrong={fault !== undefined}>
        <Suspense fallback={<Skeleton height={minLines * 20 + 12} />}>
          <CodeEditor
            value={value}
            onChange={onChange ?? (() => undefined)}
            format={format}
            label={label}
            isReadOnly={isReadOnly}
            minLines={minLines}
          />
        </Suspense>
      </div>
      {error === undefined && fault !== undefined && (
        <Text size="sm" mt={4} c="var(--mantine-color-error)" role="status">
          {fault}
        </Text>
      )}
    </Input.Wrapper>
  );
}
