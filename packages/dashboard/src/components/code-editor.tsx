/** CodeMirror, in a chunk of its own: import it lazily, through ValueEditor. */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { xml } from "@codemirror/lang-xml";
import { yaml } from "@codemirror/lang-yaml";
import {
  bracketMatching,
  defaultHighlightStyle,
  HighlightStyle,
  StreamLanguage,
  syntaxHighlighting,
} from "@codemirror/language";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { styleNonce } from "../theme/nonce.ts";
import type { ValueFormat } from "./value-format.ts";

export interface CodeEditorProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly format: ValueFormat;
  readonly label: string;
  readonly isReadOnly: boolean;
  readonly minLines: number;
}

const LANGUAGES: Readonly<Record<ValueFormat, () => Extension>> = {
  text: () => [],
  json,
  yaml,
  xml,
  toml: () => StreamLanguage.define(toml),
};

const look = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-content": { fontFamily: "var(--mantine-font-family-monospace)", caretColor: "var(--mantine-color-text)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  ".cm-gutters": { backgroundColor: "var(--ground)", color: "var(--mantine-color-dimmed)", border: "none" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "light-dark(#cfe0fd, #2b4679)",
  },
});

/** The library's colours are for paper; these stand for them on ink. */
const ON_INK: Readonly<Record<string, string>> = {
  "#404740": "#a3b0c2",
  "#708": "#e7a6ec",
  "#219": "#e7a6ec",
  "#164": "#e7a6ec",
  "#a11": "#7fd6a4",
  "#e40": "#ffb37a",
  "#00f": "#85adf4",
  "#30a": "#85adf4",
  "#085": "#85adf4",
  "#167": "#85adf4",
  "#256": "#85adf4",
  "#00c": "#85adf4",
  "#940": "#a3b0c2",
  "#f00": "#ff9a90",
};

const colours = HighlightStyle.define(
  defaultHighlightStyle.specs.map((spec) => {
    const dark = typeof spec["color"] === "string" ? ON_INK[spec["color"]] : undefined;
    return dark === undefined ? spec : { ...spec, color: `light-dark(${spec["color"]}, ${dark})` };
  }),
);

export function CodeEditor({ value, onChange, format, label, isReadOnly, minLines }: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const language = useRef(new Compartment());
  const lock = useRef(new Compartment());
  const onChangeNow = useRef(onChange);
  onChangeNow.current = onChange;

  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; the effects below follow what changes
  useEffect(() => {
    if (!place.current) return undefined;
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          EditorView.cspNonce.of(styleNonce),
          lineNumbers(),
          history(),
          bracketMatching(),
          EditorView.lineWrapping,
          // Tab leaves the editor, as it leaves every other field.
          keymap.of([...defaultKeymap, ...historyKeymap]),
          lock.current.of(EditorState.readOnly.of(isReadOnly)),
          EditorView.contentAttributes.of({ "aria-label": label }),
          look,
          EditorView.theme({
            ".cm-content": { minHeight: `${minLines * 20}px` },
            ".cm-scroller": { maxHeight: "420px" },
          }),
          syntaxHighlighting(colours),
          language.current.of(LANGUAGES[format]()),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) onChangeNow.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);

  useEffect(() => {
    view.current?.dispatch({ effects: language.current.reconfigure(LANGUAGES[format]()) });
  }, [format]);

  // What somebody may do is often known only after the editor stands.
  useEffect(() => {
    view.current?.dispatch({ effects: lock.current.reconfigure(EditorState.readOnly.of(isReadOnly)) });
  }, [isReadOnly]);

  useEffect(() => {
    const current = view.current;
    if (!current || current.state.doc.toString() === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={place} />;
}
