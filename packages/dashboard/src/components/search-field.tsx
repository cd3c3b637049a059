import { CloseButton, Kbd, TextInput, type TextInputProps } from "@mantine/core";
import { useDebouncedCallback, useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

export interface SearchFieldProps extends Omit<TextInputProps, "value" | "onChange" | "leftSection" | "rightSection"> {
  /** What the address says; the field follows it. */
  readonly value: string;
  /** Told when typing pauses, and at once on Enter and on clearing. */
  readonly onSearch: (text: string) => void;
  /** "Search features". */
  readonly label: string;
  readonly delayMs?: number;
}

/** The page's search. `/` puts the cursor into it from anywhere. */
export function SearchField({ value, onSearch, label, delayMs = 250, ...rest }: SearchFieldProps) {
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const asked = useRef(value);
  const search = (next: string) => {
    asked.current = next;
    onSearch(next);
  };
  const later = useDebouncedCallback(search, delayMs);
  // The address comes after what was asked; what was typed meanwhile is not to be taken back.
  useEffect(() => {
    if (asked.current !== value) setText(value);
    asked.current = value;
  }, [value]);
  useHotkeys([["/", () => input.current?.focus()]]);
  const now = (next: string) => {
    later.cancel();
    setText(next);
    search(next);
  };
  return (
    <TextInput
      ref={input}
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") now(text);
        if (event.key === "Escape" && text !== "") now("");
      }}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        text === "" ? (
          <Kbd size="xs" aria-hidden>
            /
          </Kbd>
        ) : (
          <CloseButton size="sm" aria-label="Clear the search" onClick={() => now("")} />
        )
      }
      {...rest}
    />
  );
}
