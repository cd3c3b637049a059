/** A runtime route as OpenAPI's operation. */
import type { z } from "zod";
import {
  type Answer,
  bodyOf,
  errorName,
  jsonContent,
  type Operation,
  operationId,
  type Parameter,
  type Reference,
} from "./operation.ts";
import type { RuntimeAnswer, RuntimeRoute } from "./runtime-route.ts";
import type { JsonSchema, SchemaBook } from "./schema-book.ts";

const text = { type: "string" };

const WHO: Readonly<Record<RuntimeRoute["key"], string>> = {
  any: "Whoever has a key of the environment: the client-side key, which is public, or a server-side one.",
  server: "Holders of a server-side key of the environment.",
  address: "Whoever has the environment's client-side key.",
  bearer: "Whoever has a key of the environment, as X-API-Key or as bearer token.",
  none: "Anybody, without credentials.",
};

const STATUS: Readonly<Record<string, string>> = {
  202: "Taken; what was refused is named.",
  304: "Nothing has changed since the given date.",
  400: "The request is not valid.",
  401: "There is no key, or it is not known.",
  403: "Its organisation is not served.",
  404: "There is no such flag.",
  429: "Too much waits for the database. Retry-After says when to ask again.",
  500: "It is not ready.",
  412: "It has changed since the given date.",
};

function parametersOf({ params = {}, query = {}, headers = {} }: RuntimeRoute): Parameter[] {
  const inPath = Object.entries(params).map(
    ([name, description]): Parameter => ({ name, in: "path", required: true, description, schema: text }),
  );
  const inQuery = Object.entries(query).map(
    ([name, description]): Parameter => ({ name, in: "query", required: false, description, schema: text }),
  );
  const inHeaders = Object.entries(headers).map(
    ([name, description]): Parameter => ({ name, in: "header", required: false, description, schema: text }),
  );
  return [...inPath, ...inQuery, ...inHeaders];
}

const SECURITY: Readonly<Record<RuntimeRoute["key"], Operation["security"]>> = {
  any: [{ environmentKey: [] }],
  server: [{ environmentKey: [] }],
  address: [],
  bearer: [{ openFeatureKey: [] }, { bearer: [] }],
  none: [],
};

function errorsOf({ body, key, never = [] }: RuntimeRoute): number[] {
  if (key === "none") return [];
  const usual = [400, ...(key === "address" ? [] : [403]), 404, ...(body ? [413, 415] : []), 503];
  return usual.filter((status) => !never.includes(status));
}

function contentOf(book: SchemaBook, answer: RuntimeAnswer, at: string): Record<string, { schema: JsonSchema }> {
  const content: Record<string, { schema: JsonSchema }> = {};
  for (const part of answer === null ? [] : [answer].flat()) {
    if (typeof part === "string") content[part] = { schema: text };
    else Object.assign(content, jsonContent(book.schemaOf(part as z.ZodType, "output", at)));
  }
  return content;
}

function answersOf(book: SchemaBook, route: RuntimeRoute): Operation["responses"] {
  const answers: Record<string, Answer | Reference> = {};
  for (const [status, answer] of Object.entries(route.responses)) {
    const content = contentOf(book, answer, `${route.method} ${route.path} ${status}`);
    const description = STATUS[status] ?? "Done.";
    answers[status] = Object.keys(content).length === 0 ? { description } : { description, content };
  }
  for (const status of errorsOf(route)) answers[status] ??= { $ref: `#/components/responses/${errorName[status]}` };
  return answers;
}

export function runtimeOperation(book: SchemaBook, route: RuntimeRoute): Operation {
  const parameters = parametersOf(route);
  return {
    operationId: operationId(route.method, route.path),
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    tags: [route.tag ?? (route.deprecated ? "runtime, deprecated" : "runtime")],
    ...(route.deprecated ? { deprecated: true } : {}),
    security: SECURITY[route.key],
    "x-who-may": WHO[route.key],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: bodyOf(book, route.body, `${route.method} ${route.path} body`) } : {}),
    responses: answersOf(book, route),
  };
}
