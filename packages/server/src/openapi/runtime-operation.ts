/** A runtime route as OpenAPI's operation. */
import {
  type Answer,
  bodyOf,
  errorName,
  jsonContent,
  type Operation,
  operationId,
  type Parameter,
} from "./operation.ts";
import type { RuntimeRoute } from "./runtime-routes.ts";
import type { SchemaBook } from "./schema-book.ts";

const text = { type: "string" };

const WHO: Readonly<Record<RuntimeRoute["key"], string>> = {
  any: "Whoever has a key of the environment: the client-side key, which is public, or a server-side one.",
  server: "Holders of a server-side key of the environment.",
  path: "Whoever has the environment's client-side key.",
};

function parametersOf({ params = {}, query = {} }: RuntimeRoute): Parameter[] {
  const inPath = Object.entries(params).map(
    ([name, description]): Parameter => ({ name, in: "path", required: true, description, schema: text }),
  );
  const inQuery = Object.entries(query).map(
    ([name, description]): Parameter => ({ name, in: "query", required: false, description, schema: text }),
  );
  return [...inPath, ...inQuery];
}

function answersOf(book: SchemaBook, route: RuntimeRoute): Operation["responses"] {
  const answers: Record<string, Answer | { $ref: string }> = {};
  for (const [status, schema] of Object.entries(route.responses)) {
    const at = `${route.method} ${route.path} ${status}`;
    const description = Number(status) < 300 ? "Done." : "The copy you have is the current one, or not.";
    if (schema === null) answers[status] = { description };
    else if (schema === "text/event-stream") answers[status] = { description, content: { [schema]: { schema: text } } };
    else answers[status] = { description, content: jsonContent(book.schemaOf(schema, "output", at)) };
  }
  const errors = [...(route.body ? [400, 413, 415] : [400]), ...(route.key === "path" ? [404] : [403, 404]), 503];
  for (const status of errors) answers[status] ??= { $ref: `#/components/responses/${errorName[status]}` };
  return answers;
}

export function runtimeOperation(book: SchemaBook, route: RuntimeRoute): Operation {
  const parameters = parametersOf(route);
  return {
    operationId: operationId(route.method, route.path.replace("/v2/", "/v1/v2/")),
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    tags: [route.deprecated ? "runtime, deprecated" : "runtime"],
    ...(route.deprecated ? { deprecated: true } : {}),
    security: route.key === "path" ? [] : [{ environmentKey: [] }],
    "x-who-may": WHO[route.key],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: bodyOf(book, route.body, `${route.method} ${route.path} body`) } : {}),
    responses: answersOf(book, route),
  };
}
