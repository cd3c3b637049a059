/** What can be typed at the cursor of a query, from the tokens before it. Pure. */
import { parseQuery, printQuery, type QueryToken } from "@burgee/contract/query";

export type Expected =
  /** A trait's name, or a word of the language. */
  | { readonly kind: "key" }
  /** Inside has(…) or trait(…). */
  | { readonly kind: "trait" }
  /** Inside has:override(…). */
  | { readonly kind: "feature" }
  | { readonly kind: "value"; readonly key: string };

export type Completion = Expected & {
  /** What is replaced, in UTF-16 units. */
  readonly from: number;
  readonly to: number;
  /** What is typed of it, without quotes. */
  readonly typed: string;
};

const unquoted = (text: string): string =>
  text.startsWith('"')
    ? text
        .slice(1)
        .replace(/"$/, "")
        .replace(/\\(["\\])/g, "$1")
    : text;

const textOf = (text: string, { position, length }: QueryToken): string => text.slice(position, position + length);

/** The key that a value at the end of `tokens` is compared with. */
function keyBefore(text: string, tokens: readonly QueryToken[]): string | undefined {
  for (let i = tokens.length - 1; i >= 0; i -= 1) {
    const token = tokens[i];
    if (token?.kind === "key") {
      // trait("odd key"): the word trait is a key too, the one inside the parentheses is meant.
      return unquoted(textOf(text, token));
    }
    if (token?.kind !== "value" && token?.kind !== "operator" && token?.kind !== "parenthesis") return undefined;
  }
  return undefined;
}

/** What stands between the parentheses that `tokens` end within. */
function inside(text: string, tokens: readonly QueryToken[]): Expected {
  const word = tokens.at(-2);
  const name = word === undefined ? "" : textOf(text, word);
  const touches = word !== undefined && word.position + word.length === tokens.at(-1)?.position;
  if (touches && name === "override") return { kind: "feature" };
  return touches && (name === "has" || name === "trait") ? { kind: "trait" } : { kind: "key" };
}

function afterOperator(text: string, tokens: readonly QueryToken[]): Expected {
  const last = tokens.at(-1);
  if (last && textOf(text, last) === "-") return { kind: "key" };
  const key = keyBefore(text, tokens);
  return key === undefined ? { kind: "key" } : { kind: "value", key };
}

function expectedFor(text: string, tokens: readonly QueryToken[]): Expected {
  const last = tokens.at(-1);
  if (!last) return { kind: "key" };
  if (last.kind === "operator") return afterOperator(text, tokens);
  if (last.kind === "parenthesis" && textOf(text, last) === "(") return inside(text, tokens);
  return { kind: "key" };
}

/** How far the word under the cursor goes on behind it. */
function endOf(text: string, from: number, caret: number): number {
  if (text[from] === '"') {
    const close = /^"(?:[^"\\]|\\.)*"/.exec(text.slice(from))?.[0];
    return Math.max(caret, from + (close?.length ?? caret - from));
  }
  return caret + (/^[^\s()",:=!<>]*/.exec(text.slice(caret))?.[0].length ?? 0);
}

/** What may be typed at `caret`. */
export function completionAt(text: string, caret: number): Completion {
  const before = text.slice(0, caret);
  const parsed = parseQuery(before);
  const tokens = [...parsed.tokens];
  const last = tokens.at(-1);
  const lastEnd = last ? last.position + last.length : 0;
  const rest = before.slice(lastEnd);
  const space = /^\s*/.exec(rest)?.[0].length ?? 0;
  // A quote or a name in parentheses that is not closed yet is no token.
  const isOpen = rest.slice(space) !== "";
  if (isOpen) {
    const from = lastEnd + space;
    const expected = space > 0 && last?.kind !== "operator" ? { kind: "key" as const } : expectedFor(before, tokens);
    return { ...expected, from, to: endOf(text, from, caret), typed: unquoted(before.slice(from)) };
  }
  const isWord = last !== undefined && space === 0 && ["text", "value", "key", "keyword"].includes(last.kind);
  if (!isWord) {
    const expected = space > 0 ? { kind: "key" as const } : expectedFor(before, tokens);
    return { ...expected, from: caret, to: endOf(text, caret, caret), typed: "" };
  }
  const from = last.position;
  const typed = unquoted(textOf(before, last));
  return { ...expectedFor(before, tokens.slice(0, -1)), from, to: endOf(text, from, caret), typed };
}

/** `plan:`, or trait("odd key"): where the name needs it. */
export const writeKey = (key: string): string =>
  printQuery({ kind: "has", key }).slice("has(".length, -1) === key && !RESERVED.has(key)
    ? `${key}:`
    : printQuery({ kind: "trait", key, is: true, values: ["x"] }).slice(0, -1);

const RESERVED: ReadonlySet<string> = new Set(["identifier", "has", "segment", "created", "last_seen", "trait"]);

/** A trait's name between parentheses. */
export const writeName = (key: string): string => printQuery({ kind: "has", key }).slice("has(".length);

export const writeFeature = (feature: string): string =>
  printQuery({ kind: "override", feature }).slice("has:override(".length);

export const writeSegment = (segment: string): string =>
  printQuery({ kind: "segment", segment }).slice("segment:".length);

export const writeValue = (value: string | number | boolean): string =>
  printQuery({ kind: "trait", key: "k", is: true, values: [value] }).slice("k:".length);

/** The text with the completion put in, and where the cursor then stands. */
export function insert(text: string, { from, to }: Completion, word: string): { text: string; caret: number } {
  const after = text.slice(to);
  const gap = /[:(]$/.test(word) || after.startsWith(" ") ? "" : " ";
  const caret = from + word.length + gap.length;
  return { text: text.slice(0, from) + word + gap + after, caret };
}
