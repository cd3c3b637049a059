import { Group, NativeSelect, TextInput } from "@mantine/core";
import { EXPIRIES, EXPIRY_WORDS, type Expiry, type ExpiryChoice } from "./expiry.ts";

export interface ExpiryFieldProps {
  readonly value: Expiry;
  readonly onChange: (expiry: Expiry) => void;
  readonly error?: string | undefined;
}

/** When an override stops by itself. */
export function ExpiryField({ value, onChange, error }: ExpiryFieldProps) {
  return (
    <Group gap="sm" align="flex-end">
      <NativeSelect
        label="Until"
        value={value.choice}
        onChange={(event) => onChange({ ...value, choice: event.currentTarget.value as ExpiryChoice })}
        data={EXPIRIES.map((choice) => ({ value: choice, label: EXPIRY_WORDS[choice] }))}
        error={value.choice === "at" ? undefined : error}
        style={{ flex: "1 1 12rem" }}
      />
      {value.choice === "at" && (
        <TextInput
          type="datetime-local"
          aria-label="Day and time of the end"
          value={value.at}
          onChange={(event) => onChange({ ...value, at: event.currentTarget.value })}
          error={error}
          style={{ flex: "1 1 12rem" }}
        />
      )}
    </Group>
  );
}
