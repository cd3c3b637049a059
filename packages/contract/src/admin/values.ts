/** What a flag's value may be on the admin side: text, a 32-bit integer, yes or no, or nothing. */
import { z } from "zod";
import { characterFaults, isLongerThan } from "../drf/index.ts";
import { isWholeFloat } from "../json/whole-float.ts";

export const scalarValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export type FlagValue = string | number | boolean | null;

export const maxFlagText = 20_000;

/** A float has no type of its own among flag values: it is kept as its text. `problem` is a sentence for the client. */
export function readFlagValue(value: unknown): { ok: true; value: FlagValue } | { ok: false; problem: string } {
  if (value === null || value === undefined || typeof value === "boolean") return { ok: true, value: value ?? null };
  if (isWholeFloat(value)) return { ok: true, value: value.float.toFixed(1) };
  if (typeof value === "number") {
    if (!Number.isInteger(value)) return { ok: true, value: String(value) };
    const fits = value >= -2147483648 && value <= 2147483647;
    return fits
      ? { ok: true, value }
      : { ok: false, problem: "Integer values must be between -2147483648 and 2147483647." };
  }
  if (typeof value !== "string") return { ok: false, problem: "Not a valid string, integer or boolean." };
  const [fault] = characterFaults(value);
  if (fault !== undefined) return { ok: false, problem: fault };
  if (isLongerThan(value, maxFlagText)) {
    return { ok: false, problem: `Ensure this field has no more than ${maxFlagText} characters.` };
  }
  return { ok: true, value };
}
