import { NativeSelect } from "@mantine/core";
import { ValueEditor } from "../../components/value-editor.tsx";
import { type FlagValue, parseValue } from "../../components/value-format.ts";

/** As it is typed. "text" keeps what looks like a number as text. */
export interface TypedText {
  readonly text: string;
  readonly isText: boolean;
}

export const typedText = (value: FlagValue): TypedText => ({
  text: value === null ? "" : String(value),
  // What would be read as something else was kept as text on purpose.
  isText: typeof value === "string" && typeof parseValue(value) !== "string" && value !== "",
});

export const typedValue = ({ text, isText }: TypedText): FlagValue => (isText ? text : (parseValue(text) ?? ""));

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
