/** What every field does before its own rules: a missing value and null are told apart, and named in Django REST's words. */
import { z } from "zod";
import * as messages from "./messages.ts";

/** A field's verdict on a value: what it becomes, or every message against it. */
export type Coerced<T> = { ok: true; value: T } | { ok: false; messages: readonly string[] };

/** A zod schema that reads anything and yields T; `.nullable()`, `.optional()`, `.default()` and `.describe()` apply. */
export type Field<T> = z.ZodPreprocess<z.ZodType<T>>;

export function accept<T>(value: T): Coerced<T> {
  return { ok: true, value };
}

export function refuse<T>(...texts: string[]): Coerced<T> {
  return { ok: false, messages: texts };
}

/**
 * Builds a field. `coerce` never sees undefined or null: undefined answers "This field is required.", null "This field
 * may not be null.". `kind` is the plain zod schema of the result, kept for types and generated documentation.
 */
export function field<T>(kind: z.ZodType<T>, coerce: (value: unknown) => Coerced<T>): Field<T> {
  return z.preprocess((input, context) => {
    const coerced = coercePresent(input, coerce);
    if (coerced.ok) return coerced.value;
    for (const message of coerced.messages) context.addIssue({ code: "custom", message });
    return z.NEVER;
  }, kind);
}

function coercePresent<T>(input: unknown, coerce: (value: unknown) => Coerced<T>): Coerced<T> {
  if (input === undefined) return refuse(messages.required);
  if (input === null) return refuse(messages.notNull);
  return coerce(input);
}
