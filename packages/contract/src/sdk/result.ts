/** What every reader of a request body answers. */
import type { z } from "zod";
import { type ErrorBody, parse } from "../drf/index.ts";

/** The typed value, or the answer to send instead. */
export type Reading<T> = { ok: true; value: T } | { ok: false; status: 400; body: ErrorBody };

/** Reads `body` with a schema; a refusal is a 400 with Django REST's error body. */
export function readWith<Schema extends z.ZodType>(schema: Schema, body: unknown): Reading<z.output<Schema>> {
  const parsed = parse(schema, body);
  return parsed.ok ? parsed : refusal(parsed.body);
}

export function refusal(body: ErrorBody): { ok: false; status: 400; body: ErrorBody } {
  return { ok: false, status: 400, body };
}
