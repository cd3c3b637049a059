/**
 * The admin door: one definition a route gives its path, its validation, its documentation and its errors (Django REST's).
 * Order: credentials, path, body, then the handler, which asks `access` before it does anything.
 */
import { drf } from "@burgee/contract";
import type { Context, Hono } from "hono";
import type { z } from "zod";
import type { Access } from "../access/access.ts";
import type { Caller } from "../access/caller.ts";
import { AppError } from "../errors.ts";
import { readBody } from "./body.ts";
import { lateResponse } from "./headers.ts";
import { requestId } from "./request-id.ts";

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** What changes.commit wants to know of a request. */
export interface AuditedRequest {
  readonly actor: string;
  readonly requestId: string;
  /** The client's; "" = not known. */
  readonly address: string;
}

export interface AdminCall<Params, Query, Body> {
  readonly caller: Caller;
  readonly access: Access;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly audited: AuditedRequest;
  readonly request: Request;
}

/** An answer with a status of its own; a handler that returns anything else is answered 200 with it. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly [ANSWER]: true;
}

const ANSWER: unique symbol = Symbol("answer");

export const answer = (status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  body,
  headers,
  [ANSWER]: true,
});

export const created = (body: unknown): Answer => answer(201, body);
export const noContent = (): Answer => answer(204);

/** 400 with Django REST's body: `{field: [message]}`, `{detail}` or a list. */
export const badRequest = (body: unknown): AppError => new AppError("invalid", { body });

type Infer<S> = S extends z.ZodType ? z.output<S> : undefined;

export interface AdminRoute<
  P extends z.ZodType | undefined,
  Q extends z.ZodType | undefined,
  B extends z.ZodType | undefined,
> {
  readonly method: Method;
  /** As OpenAPI writes it, with the trailing slash: `/api/v1/projects/{id}/`. Answered without the slash too. */
  readonly path: string;
  readonly summary: string;
  /** The noun; groups the documentation. */
  readonly tag: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Status to schema of what is answered; null = no body. */
  readonly responses: Readonly<Record<number, z.ZodType | null>>;
  /** Anybody may call it, without credentials. */
  readonly isPublic?: boolean;
  /** Files of a form are taken as the text they hold. */
  readonly takesFiles?: boolean;
}

export interface AdminApi {
  route<
    P extends z.ZodType | undefined = undefined,
    Q extends z.ZodType | undefined = undefined,
    B extends z.ZodType | undefined = undefined,
  >(route: AdminRoute<P, Q, B>, handler: (call: AdminCall<Infer<P>, Infer<Q>, Infer<B>>) => Promise<unknown>): void;
  /** All that were defined, for the documentation and the authorisation matrix. */
  readonly routes: readonly AdminRoute<z.ZodType | undefined, z.ZodType | undefined, z.ZodType | undefined>[];
  /** Call once, after the last route: mounts them, and answers 405 for the other methods of the known paths. */
  finish(): void;
}

export interface AdminDoorDeps {
  readonly hono: Hono;
  readonly bodyLimit: number;
  /** undefined = no credentials at all; rejects with AppError "unauthenticated" where they are wrong. */
  readonly authenticate: (request: Request) => Promise<Access | undefined>;
  /** The client's; "" = not known. */
  readonly addressOf: (request: Request) => string;
  /** Logs, and returns the request's id. */
  readonly onError: (error: unknown, request: Request) => string;
}

const DETAILS: Readonly<Record<string, string>> = {
  unauthenticated: "Authentication credentials were not provided.",
  forbidden: "You do not have permission to perform this action.",
  not_found: "Not found.",
};

const HEADERS = { "Content-Type": "application/json", "Cache-Control": "no-store" };

function respond(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  if (body === undefined || status === 204) return new Response(null, { status, headers });
  return lateResponse(JSON.stringify(body), { status, headers: { ...HEADERS, ...headers } });
}

function errorResponse(error: unknown, id: string): Response {
  const headers: Record<string, string> = { "X-Request-Id": id };
  if (!(error instanceof AppError)) return respond(500, { detail: "Internal server error." }, headers);
  if (error.status === 503) headers["Retry-After"] = "1";
  if (error.status === 429) headers["Retry-After"] = String(error.details["retryAfter"] ?? 60);
  if (error.status === 401) headers["WWW-Authenticate"] = "Token";
  const { body, detail, headers: more } = error.details;
  Object.assign(headers, more);
  return respond(error.status, body ?? { detail: detail ?? DETAILS[error.code] ?? error.message }, headers);
}

function parsed<S extends z.ZodType | undefined>(schema: S, value: unknown): Infer<S> {
  if (!schema) return undefined as Infer<S>;
  const result = drf.parse(schema, value);
  if (!result.ok) throw badRequest(result.body);
  return result.value as Infer<S>;
}

/** A path parameter of the wrong form names nothing, and a number has one form: "1.0" and "+1" are not 1. */
function parsedParams<S extends z.ZodType | undefined>(schema: S, given: Readonly<Record<string, string>>): Infer<S> {
  if (!schema) return undefined as Infer<S>;
  const result = drf.parse(schema, given);
  if (!result.ok) throw new AppError("not_found");
  for (const [name, value] of Object.entries(result.value as object)) {
    if (typeof value === "number" && String(value) !== given[name]) throw new AppError("not_found");
  }
  return result.value as Infer<S>;
}

async function bodyOf(request: Request, limit: number, keepFiles = false): Promise<unknown> {
  const body = await readBody(request, { limit, keepFiles });
  if (body.ok) return body.value;
  throw new AppError(body.status === 413 ? "too_large" : body.status === 415 ? "unsupported" : "invalid", {
    body: body.body,
  });
}

const isAnswer = (value: unknown): value is Answer => typeof value === "object" && value !== null && ANSWER in value;

/** A fixed word goes before a parameter at the same place, whoever was defined first: `permissions/` is no organisation. */
function byPrecedence(a: string, b: string): number {
  const [left, right] = [a.split("/"), b.split("/")];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = Number(left[i]?.startsWith("{")) - Number(right[i]?.startsWith("{"));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Hono's spelling of a path, in both forms. */
const honoPaths = (path: string): string[] => {
  const pattern = path.replace(/\{(\w+)\}/g, ":$1");
  return pattern.endsWith("/") ? [pattern, pattern.slice(0, -1)] : [pattern, `${pattern}/`];
};

export function createAdminApi({ hono, bodyLimit, authenticate, addressOf, onError }: AdminDoorDeps): AdminApi {
  const routes: AdminRoute<z.ZodType | undefined, z.ZodType | undefined, z.ZodType | undefined>[] = [];

  const run = async (
    c: Context,
    route: (typeof routes)[number],
    handler: (call: AdminCall<never, never, never>) => Promise<unknown>,
  ): Promise<Response> => {
    const request = c.req.raw;
    try {
      const access = await authenticate(request);
      if (!access && !route.isPublic) throw new AppError("unauthenticated");
      const call = {
        access,
        caller: access?.caller,
        params: parsedParams(route.params, c.req.param()),
        query: parsed(route.query, c.req.query()),
        body: route.body ? parsed(route.body, await bodyOf(request, bodyLimit, route.takesFiles)) : undefined,
        audited: {
          actor: access?.caller.actor ?? "anonymous",
          requestId: requestId(request),
          address: addressOf(request),
        },
        request,
      };
      // What the schemas have read is what the handler was declared with: the table of routes has forgotten its type.
      const result = await handler(call as unknown as AdminCall<never, never, never>);
      // A file goes out as it is.
      if (result instanceof Response) return result;
      return isAnswer(result) ? respond(result.status, result.body, result.headers) : respond(200, result);
    } catch (error) {
      return errorResponse(error, onError(error, request));
    }
  };

  const mounts: { readonly route: (typeof routes)[number]; readonly handler: Parameters<typeof run>[2] }[] = [];

  return {
    routes,
    route: (route, handler) => {
      routes.push(route);
      // Handlers of all types stand in one list; `run` gives each what its own route read.
      mounts.push({ route, handler: handler as never });
    },
    finish: () => {
      for (const { route, handler } of mounts.sort((a, b) => byPrecedence(a.route.path, b.route.path))) {
        for (const path of honoPaths(route.path)) {
          hono.on(route.method.toUpperCase(), path, (c) => run(c, route, handler));
        }
      }
      const byPath = [...Map.groupBy(routes, (route) => route.path)].sort(([a], [b]) => byPrecedence(a, b));
      for (const [path, defined] of byPath) {
        const allow = [...defined.map((route) => route.method.toUpperCase()), "OPTIONS"].join(", ");
        for (const form of honoPaths(path)) {
          hono.all(form, (c) => respond(405, { detail: `Method "${c.req.method}" not allowed.` }, { Allow: allow }));
        }
      }
    },
  };
}

/** Page form A: `{count, next, previous, results}`. */
export interface Page {
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
}

export const MAX_PAGE_SIZE = 999;

export function paged<T>(request: Request, { page, pageSize }: Page, count: number, results: readonly T[]) {
  const link = (target: number): string => {
    const url = new URL(request.url);
    url.searchParams.set("page", String(target));
    return url.toString();
  };
  return {
    count,
    next: page * pageSize < count ? link(page + 1) : null,
    previous: page > 1 ? link(page - 1) : null,
    results,
  };
}
