/** A trait as somebody types it: a type, and a text that must be one of it. */
import type { RecordTrait } from "@burgee/contract/admin";

export type TraitType = RecordTrait["type"];

export const TRAIT_TYPES: readonly TraitType[] = ["string", "integer", "float", "boolean"];

export const TYPE_WORDS: Readonly<Record<TraitType, string>> = {
  string: "text",
  integer: "whole number",
  float: "number",
  boolean: "yes or no",
};

const LONGEST = 2000;
const INT_MAX = 2_147_483_647;

/** A float keeps its point: 2.0 is told from 2. */
export function textOf({ type, value }: Pick<RecordTrait, "type" | "value">): string {
  if (type === "float" && Number.isInteger(value)) return `${value}.0`;
  return String(value);
}

export type ReadTrait =
  | { readonly ok: true; readonly value: string | number | boolean }
  | { readonly ok: false; readonly fault: string };

const refuse = (fault: string): ReadTrait => ({ ok: false, fault });

export function readTrait(type: TraitType, text: string): ReadTrait {
  if (type === "string") {
    return [...text].length > LONGEST ? refuse(`At most ${LONGEST} characters.`) : { ok: true, value: text };
  }
  if (type === "boolean") {
    return text === "true" || text === "false" ? { ok: true, value: text === "true" } : refuse("Choose yes or no.");
  }
  const trimmed = text.trim();
  const number = Number(trimmed);
  if (trimmed === "" || !Number.isFinite(number)) return refuse("That is not a number.");
  if (type === "float") return { ok: true, value: number };
  if (!Number.isInteger(number)) return refuse("A whole number has no fraction.");
  if (number > INT_MAX || number < -INT_MAX - 1)
    return refuse("That is too large for a whole number; use text or a number.");
  return { ok: true, value: number };
}

/** What a text most likely is, for a trait that is new. */
export function guessType(text: string): TraitType {
  const trimmed = text.trim();
  if (trimmed === "true" || trimmed === "false") return "boolean";
  if (/^-?(0|[1-9]\d{0,9})$/.test(trimmed) && Math.abs(Number(trimmed)) <= INT_MAX) return "integer";
  return /^-?(0|[1-9]\d*)\.\d+$/.test(trimmed) ? "float" : "string";
}
