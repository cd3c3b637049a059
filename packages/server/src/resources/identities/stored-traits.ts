/** Traits as the identities table keeps them: a JSON object whose whole floats keep their fraction, so that 2.0 comes back as 2.0. */
import { parseJson, storeTraitValue, writeText } from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";
import { NO_TRAITS, type Traits } from "./effective-traits.ts";

/** Only texts that may hold a whole float pay for the slower parser. */
const mayHoldWholeFloat = (text: string): boolean => text.includes(".0") || text.includes("e+");

export function readStoredTraits(text: string): Traits {
  if (text === "{}") return NO_TRAITS;
  if (!mayHoldWholeFloat(text)) return JSON.parse(text) as Traits;
  const parsed = parseJson(text);
  return parsed.ok ? (parsed.value as Traits) : (JSON.parse(text) as Traits);
}

export function writeStoredTraits(traits: Iterable<readonly [string, TraitValue]>): string {
  let text = "";
  for (const [key, value] of traits) {
    text += `${text === "" ? "" : ","}${writeText(key)}:${storeTraitValue(value)}`;
  }
  return `{${text}}`;
}
