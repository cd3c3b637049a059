/** The one search box: the query language with its words in colour, what is wrong and where, and completion. */

import { parseQuery } from "@burgee/contract/query";
import { CloseButton, Combobox, Kbd, Text, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedCallback, useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { Spot } from "../../api/errors.ts";
import { completionAt, insert } from "./completion.ts";
import classes from "./identities.module.css";
import { piecesOf, type QueryPiece } from "./query-pieces.ts";
import { useSuggestions } from "./use-suggestions.ts";

export interface QueryFieldProps {
  readonly environmentKey: string;
  readonly projectId: number;
  /** What the address says. */
  readonly value: string;
  readonly onSearch: (text: string) => void;
  /** What the server found wrong with `value`. */
  readonly refusal: { readonly message: string; readonly spot: Spot | undefined } | undefined;
}

const PAUSE_MS = 400;

export function QueryField({ environmentKey, projectId, value, onSearch, refusal }: QueryFieldProps) {
  const id = useId();
  const [text, setText] = useState(value);
  const [caret, setCaret] = useState(value.length);
  const [isJudged, setIsJudged] = useState(true);
  const [scroll, setScroll] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const wanted = useRef<number>(undefined);
  const asked = useRef(value);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const at = completionAt(text, caret);
  const suggestions = useSuggestions(environmentKey, projectId, at, combobox.dropdownOpened);
  const parsed = parseQuery(text);
  // What the address says counts where it is not what was just asked for here: the space after a word stays.
  useEffect(() => {
    if (asked.current !== value) setText(value);
    asked.current = value;
  }, [value]);
  useHotkeys([["/", () => input.current?.focus()]]);
  const search = (next: string) => {
    setIsJudged(true);
    if (!parseQuery(next).ok) return;
    asked.current = next.trim();
    onSearch(asked.current);
  };
  const later = useDebouncedCallback((next: string) => {
    const read = parseQuery(next);
    // Where only the end is missing, or a value is being chosen, somebody is still typing.
    const isChoosing = at.kind === "value" && at.typed !== "" && suggestions.some(({ word }) => word !== at.typed);
    if (!isChoosing && (read.ok || read.position < next.trimEnd().length)) search(next);
  }, PAUSE_MS);
  const change = (next: string, to: number) => {
    setText(next);
    setCaret(to);
    setIsJudged(false);
    combobox.resetSelectedOption();
    later(next);
  };
  const now = (next: string) => {
    later.cancel();
    setText(next);
    search(next);
    combobox.closeDropdown();
  };
  const choose = (word: string) => {
    const made = insert(text, at, word);
    wanted.current = made.caret;
    change(made.text, made.caret);
  };
  // The cursor goes behind what was put in, once that is there.
  useEffect(() => {
    if (wanted.current === undefined) return;
    input.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = undefined;
  });
  const fault = faultOf(parsed, isJudged, text.trimEnd() === value ? refusal : undefined);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter" && (!combobox.dropdownOpened || combobox.getSelectedOptionIndex() < 0)) now(text);
    if (event.key === "Escape" && !combobox.dropdownOpened && text !== "") now("");
  };
  return (
    <div className={classes["search"]}>
      <Combobox store={combobox} onOptionSubmit={choose} withinPortal={false} position="bottom-start">
        <Combobox.Target withExpandedAttribute>
          <TextInput
            ref={input}
            role="combobox"
            aria-label="Search identities"
            aria-describedby={fault ? `${id}-fault` : undefined}
            aria-invalid={fault !== undefined}
            autoComplete="off"
            spellCheck={false}
            placeholder="plan:pro country:DE last_seen<30d"
            value={text}
            classNames={{ input: classes["query"] ?? "", wrapper: classes["wrapper"] ?? "" }}
            onChange={(event) => {
              combobox.openDropdown();
              change(event.currentTarget.value, event.currentTarget.selectionStart ?? event.currentTarget.value.length);
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
            onScroll={(event) => setScroll(event.currentTarget.scrollLeft)}
            onFocus={() => combobox.openDropdown()}
            onBlur={() => {
              combobox.closeDropdown();
              if (text.trim() === value.trim()) setIsJudged(true);
              else now(text);
            }}
            onKeyDown={onKeyDown}
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
            inputContainer={(children) => (
              <div className={classes["box"]}>
                {children}
                <Layer pieces={piecesOf(text, parsed.tokens, fault?.spot)} scroll={scroll} />
              </div>
            )}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={suggestions.length === 0}>
          <Combobox.Options mah={320} style={{ overflowY: "auto" }} aria-label="Completions">
            {suggestions.map(({ word, label, hint }) => (
              <Combobox.Option key={`${word} ${label}`} value={word} className={classes["option"] ?? ""}>
                <code>{label}</code>
                <span className={classes["hint"]}>{hint}</span>
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {fault && (
        <Text id={`${id}-fault`} role="status" size="sm" mt={4} c="var(--mantine-color-error)">
          {fault.message}
        </Text>
      )}
    </div>
  );
}

function faultOf(
  parsed: ReturnType<typeof parseQuery>,
  isJudged: boolean,
  refusal: QueryFieldProps["refusal"],
): { readonly message: string; readonly spot: Spot | undefined } | undefined {
  if (!isJudged) return undefined;
  if (parsed.ok) return refusal;
  return { message: parsed.message, spot: { position: parsed.position, length: parsed.length } };
}

/** Lies over the field, letter by letter; what is typed is read from the field itself. */
function Layer({ pieces, scroll }: { pieces: readonly QueryPiece[]; scroll: number }) {
  return (
    <div className={classes["layer"]} aria-hidden>
      <span style={{ transform: `translateX(${-scroll}px)` }}>
        {pieces.map(({ from, text, kind, isWrong }) => (
          <span key={from} data-kind={kind} data-is-wrong={isWrong}>
            {text}
          </span>
        ))}
      </span>
    </div>
  );
}
