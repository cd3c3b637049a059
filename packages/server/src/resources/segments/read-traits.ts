import { parseJson } from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";

/** One database gives text, the other what it read. */
export function readTraits(stored: unknown): Record<string, TraitValue> {
  if (typeof stored !== "string") return stored as Record<string, TraitValue>;
  const parsed = parseJson(stored);
  return parsed.ok ? (parsed.value as Record<string, TraitValue>) : {};
}
