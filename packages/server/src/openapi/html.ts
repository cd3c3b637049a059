/** Pieces of HTML that are safe to put together: everything interpolated is escaped, unless it is such a piece itself. */

export interface Html {
  readonly text: string;
}

type Part = string | number | Html | undefined | readonly Html[];

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escapeText = (text: string): string => text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);

function textOf(part: Part): string {
  if (part === undefined) return "";
  if (typeof part !== "object") return escapeText(String(part));
  return "text" in part ? part.text : part.map((piece) => piece.text).join("");
}

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { text: strings.map((text, i) => text + textOf(parts[i])).join("") };
}

/** Between the pieces, `separator` as it is. */
export const join = (pieces: readonly Html[], separator: string): Html => ({
  text: pieces.map((piece) => piece.text).join(separator),
});

/** Text with `code` in it. */
export function prose(text: string): Html {
  const pieces = text.split("`").map((piece, i) => (i % 2 === 0 ? html`${piece}` : html`<code>${piece}</code>`));
  return join(pieces, "");
}
