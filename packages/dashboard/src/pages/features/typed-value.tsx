import { NativeSelect } from "@mantine/core";
import { ValueEditor } from "../../components/value-editor.tsx";
import { parseValue } from "../../components/value-format.ts";
import type { TypedText } from "./typed-text.ts";

export interface TypedValueProps {
  readonly value: TypedText;
  readonly onChange: (value: TypedText) => void;
  readonly label: string;
  readonly description?: string;
  readonly error?: string | undefined;
  readonly isReadOnly?: boolean;
  readonly minLines?: number;
}

/** A value with what it is kept as, where that is in doubt: applications get 5 and "5" differently. */
export function TypedValue({ value, onChange, ...rest }: TypedValueProps) {
  const parsed = parseValue(value.text);
  const isInDoubt = typeof parsed === "number" || typeof parsed === "boolean";
  return (
    <>
      <ValueEditor value={value.text} onChange={(text) => onChange({ ...value, text })} {...rest} />
      {isInDoubt && (
        <NativeSelect
          mt={8}
          w={260}
          label="Applications get it as"
          value={value.isText ? "text" : "typed"}
          onChange={(event) => onChange({ ...value, isText: event.currentTarget.value === "text" })}
          data={[
            { value: "typed", label: typeof parsed === "number" ? `the number ${parsed}` : `yes or no: ${parsed}` },
            { value: "text", label: `the text “${value.text}”` },
          ]}
          disabled={rest.isReadOnly ?? false}
        />
      )}
    </>
  );
}
