import { RE2JS } from "re2js";
import { translatePattern } from "./python-pattern.ts";

/** Longer patterns never match. Flagsmith allows 1,000 characters; matching time grows with pattern times text. */
const MAX_PATTERN = 2000;

/**
 * `re.compile(pattern).match(text)` of Python: anchored at the start, not at the end, in linear time.
 * A pattern that Python rejects, or that linear time cannot do (lookahead, back references), matches nothing.
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  let compiled: RE2JS | null | undefined;
  return (text) => {
    // On first use only: a document may hold thousands of patterns that no request of this process reaches.
    if (compiled === undefined) compiled = compileOrNull(pattern);
    return compiled?.test(text) ?? false;
  };
}

function compileOrNull(pattern: string): RE2JS | null {
  const translated = pattern.length > MAX_PATTERN ? null : translatePattern(pattern);
  if (translated === null) return null;
  try {
    return RE2JS.compile(`\\A${translated}`, RE2JS.LOOKBEHINDS);
  } catch {
    return null;
  }
}

/** Whether the pattern can match anything at all: Python accepts it, and linear time can do it. */
export const isPattern = (pattern: string): boolean => compileOrNull(pattern) !== null;
