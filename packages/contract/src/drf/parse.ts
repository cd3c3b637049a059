/** The one call for a door: a body goes in, and either a typed value or Django REST's error body comes out. */
import type { z } from "zod";
import { nonFieldErrors } from "./containers.ts";
import { type ErrorBody, errorBody } from "./error-body.ts";
import { drfErrorMap } from "./error-map.ts";
import { noData } from "./messages.ts";

export type Parsed<T> = { ok: true; value: T } | { ok: false; body: ErrorBody };

/** Parses `input`, a value of {@link parseJson} or of a form. Never throws. A refusal's body goes with status 400. */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): Parsed<z.output<Schema>> {
  const result = schema.safeParse(input, { error: drfErrorMap });
  if (result.success) return { ok: true, value: result.data };
  if (input === null) return { ok: false, body: { [nonFieldErrors]: [noData] } };
  return { ok: false, body: errorBody(result.error.issues, input) };
}
