/** The name an identity without one gets (Flagsmith's `generate_identifier`): the same traits, the same name and buckets. */
import type { TraitValue } from "@burgee/engine";
import { pythonFloat, pythonText } from "../python/python-text.ts";

export interface IdentifierSources {
  /** Lower-case hex SHA-256 of a text's UTF-8. */
  readonly sha256: (text: string) => string;
  /** 32 random hex digits, new at every call. */
  readonly randomHex: () => string;
}

/**
 * With traits, the hash of every key followed by its value's text as Python writes it, in code point order of the keys,
 * nulls left out (so only nulls hash the empty text). Without any, random digits.
 */
export function anonymousIdentifier(
  traits: readonly { readonly key: string; readonly value: TraitValue }[],
  sources: IdentifierSources,
): string {
  if (traits.length === 0) return sources.randomHex();
  let text = "";
  for (const { key, value } of [...traits].sort((a, b) => compareCodePoints(a.key, b.key))) {
    if (value !== null) text += key + traitText(value);
  }
  return sources.sha256(text);
}

function traitText(value: NonNullable<TraitValue>): string {
  return typeof value === "object" ? pythonFloat(value.float) : pythonText(value);
}

/** Python's order of texts. JavaScript's own differs where characters beyond U+FFFF meet those just below. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return aboveSurrogates(x) - aboveSurrogates(y);
  }
  return a.length - b.length;
}

/** Lifts surrogates, which stand for the highest characters, over the rest of the 16-bit range. */
function aboveSurrogates(unit: number): number {
  return (unit & 0xf800) === 0xd800 ? unit + 0x10000 : unit;
}
