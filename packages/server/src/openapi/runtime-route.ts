/** A route that is not the admin door's, as it is described. */
import type { z } from "zod";

/** What is answered where it is no JSON. */
export type MediaType = "text/event-stream" | "text/plain" | "text/html";

/** A JSON body, another kind of content, several of these, or nothing. */
export type RuntimeAnswer = z.ZodType | MediaType | readonly (z.ZodType | MediaType)[] | null;

export interface RuntimeRoute {
  readonly method: "get" | "post" | "put";
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  /** Path and query parameters: name to what it is. All of the query is optional. */
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Headers that make a difference, all optional. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: z.ZodType;
  readonly responses: Readonly<Record<number, RuntimeAnswer>>;
  /** "address": the key is part of the address; "bearer": OpenFeature's way; "none": nobody has to show one. */
  readonly key: "any" | "server" | "address" | "bearer" | "none";
  /** Groups the documentation; "runtime" unless given. */
  readonly tag?: string;
  readonly deprecated?: boolean;
  /** It is answered without these of the usual refusals. */
  readonly never?: readonly number[];
}
