/** The scalars of an environment document. */
import type { Scalar } from "@burgee/engine";
import { z } from "zod";
import { characterFaults, isLongerThan } from "../drf/index.ts";
import { isWholeFloat } from "../json/whole-float.ts";
import { pythonText } from "../python/python-text.ts";

/** Text that every store can hold, no longer than `limit` characters. */
export function text(limit: number): z.ZodString {
  return z.string().check((payload) => complain(payload, textFault(payload.value, limit)));
}

/** {@link text} that is not empty. */
export function someText(limit: number): z.ZodString {
  return text(limit).check((payload) => complain(payload, payload.value === "" ? "must not be empty" : undefined));
}

function complain(payload: z.core.ParsePayload<string>, message: string | undefined): void {
  if (message === undefined) return;
  payload.issues.push({ code: "custom", message, input: payload.value });
}

function textFault(value: string, limit: number): string | undefined {
  if (isLongerThan(value, limit)) return `must have at most ${limit} characters`;
  return characterFaults(value).length > 0 ? "has characters that cannot be stored" : undefined;
}

/** A database id: 32 bits, positive. */
export const id = z.int().min(1).max(2147483647);

/** Any float, whole or not, as a plain number. */
export const percentage = z.preprocess(
  (value) => (isWholeFloat(value) ? value.float : value),
  z.number().min(0).max(100),
);

/** For types and documentation: what it describes has been looked at already. */
const anyScalar = z
  .unknown()
  .meta({ type: ["string", "number", "boolean", "null"] }) as z.ZodType<unknown> as z.ZodType<Scalar>;

/** What a flag or variant holds. Whole floats, which no flag of Flagsmith holds, become ints. */
export function flagValue(limit: number): z.ZodType<Scalar> {
  return z.preprocess((value, context) => {
    const scalar = isWholeFloat(value) ? value.float : value;
    const fault = scalarFault(scalar, limit);
    if (fault === undefined) return scalar;
    context.addIssue(fault);
    return z.NEVER;
  }, anyScalar);
}

function scalarFault(value: unknown, limit: number): string | undefined {
  if (value === null || typeof value === "boolean") return undefined;
  if (typeof value === "string") return textFault(value, limit);
  if (typeof value === "number") return Number.isFinite(value) ? undefined : "must be a finite number";
  return value === undefined ? "is required" : "must be a text, number, boolean or null";
}

/** What a condition compares with: a text; other scalars become the text Python prints for them. */
export function conditionText(limit: number): z.ZodType<string | null> {
  return z.preprocess((value, context) => {
    if (value === null) return null;
    const isInt = typeof value === "bigint";
    const fault = isInt || isWholeFloat(value) ? undefined : scalarFault(value, limit);
    if (fault === undefined) return pythonText(value);
    context.addIssue(fault);
    return z.NEVER;
  }, z.string().nullable());
}
