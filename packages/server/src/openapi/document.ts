/** The OpenAPI 3.1 document, from the very definitions that the doors validate with. */
import * as admin from "@burgee/contract/admin";
import * as document from "@burgee/contract/document";
import * as sdk from "@burgee/contract/sdk";
import { type AnyRoute, adminOperation, errorName, jsonContent, type Operation, routeKey } from "./operation.ts";
import { runtimeOperation } from "./runtime-operation.ts";
import { runtimeRoutes } from "./runtime-routes.ts";
import { createSchemaBook, type JsonSchema } from "./schema-book.ts";
import type { WhoMay, WhoMayTable } from "./who-may/who-may.ts";

export type PathItem = Readonly<Record<string, Operation>>;

export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, unknown>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

export interface DocumentSources {
  readonly routes: readonly AnyRoute[];
  readonly whoMay: WhoMayTable;
  readonly version: string;
}

const ABOUT = `Everything that Burgee does. Paths and shapes are Flagsmith's, so that its SDKs, its Terraform provider and its
command line work unchanged. Paths end with a slash and are answered without it too. Lists come in pages (\`page\`,
\`page_size\`) of \`{count, next, previous, results}\` unless they are plain arrays here. In a PATCH, what is left out stays and
null clears. What a caller may not see is 404, what it sees and may not do is 403. Browsers sign in under \`/api/auth/\`,
which better-auth answers and documents.`;

const securitySchemes = {
  organisationKey: {
    type: "apiKey",
    in: "header",
    name: "Authorization",
    description: "An organisation's key: `Authorization: Api-Key PREFIX.SECRET`.",
  },
  token: {
    type: "apiKey",
    in: "header",
    name: "Authorization",
    description:
      "A person's token, as signing in answers it: `Authorization: Token TOKEN`. The dashboard's session cookie does, too.",
  },
  openFeatureKey: {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
    description: "For OpenFeature: `X-API-Key:` and a key of an environment.",
  },
  bearer: { type: "http", scheme: "bearer", description: "For OpenFeature, too: `Authorization: Bearer KEY`." },
  environmentKey: {
    type: "apiKey",
    in: "header",
    name: "X-Environment-Key",
    description:
      "For the runtime API: `X-Environment-Key:` and an environment's client-side key, or a server-side one (`ser.…`).",
  },
};

const schema = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** Django REST's error bodies: `{field: [message]}`, nested as the request is, `{detail}`, or a list. */
const errorSchemas: Readonly<Record<string, JsonSchema>> = {
  Problem: {
    type: "object",
    properties: { detail: { type: "string", description: "What went wrong." } },
    required: ["detail"],
  },
  FieldProblems: {
    description: "Messages by field, in the shape of the request; `non_field_errors` for what is wrong with the whole.",
    anyOf: [
      { type: "string" },
      { type: "array", items: schema("FieldProblems") },
      { type: "object", additionalProperties: schema("FieldProblems") },
    ],
  },
};

const errorTexts: Readonly<Record<number, string>> = {
  400: "The request is not valid.",
  401: "Credentials are missing or wrong.",
  403: "The caller may not do this.",
  404: "There is no such thing, or the caller may not see it.",
  409: "It conflicts with something that exists.",
  413: "The body is too large.",
  415: "The body's content type is not understood.",
  429: "Too many tries.",
  503: "The database cannot be reached or is busy. Try again, after Retry-After seconds.",
};

const errorResponses = Object.fromEntries(
  Object.entries(errorTexts).map(([status, description]) => {
    const body = status === "400" || status === "409" ? "FieldProblems" : "Problem";
    return [errorName[Number(status)], { description, content: jsonContent(schema(body)) }];
  }),
);

/** The two sides have their own words for some things: what a trait is, say. */
function contractNames(): Record<string, unknown> {
  const runtime = Object.entries(sdk).map(([name, value]) => [`runtime-${name}`, value]);
  return { ...document, ...Object.fromEntries(runtime), ...admin };
}

/** Throws for a route of which nobody has said who may call it. */
export function createDocument({ routes, whoMay, version }: DocumentSources): OpenApiDocument {
  const book = createSchemaBook(contractNames());
  const paths: Record<string, Record<string, Operation>> = {};
  const add = (path: string, method: string, operation: Operation) => {
    paths[path] = { ...paths[path], [method]: operation };
  };
  for (const route of routes) add(route.path, route.method, adminOperation(book, route, who(whoMay, route)));
  for (const route of runtimeRoutes) add(route.path, route.method, runtimeOperation(book, route));
  const sorted = Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1));
  const tags = [...new Set(sorted.flatMap(([, item]) => Object.values(item).flatMap((operation) => operation.tags)))];
  return {
    openapi: "3.1.0",
    info: { title: "Burgee", version, description: ABOUT.replaceAll("\n", " ") },
    tags: tags.sort().map((name) => ({ name })),
    paths: Object.fromEntries(sorted),
    components: {
      schemas: { ...errorSchemas, ...book.components() },
      responses: errorResponses,
      securitySchemes,
    },
  };
}

function who(table: WhoMayTable, { method, path, isPublic }: AnyRoute): WhoMay {
  const may = table[routeKey(method, path)];
  if (!may) throw new Error(`Nobody has said who may call ${routeKey(method, path)}. See openapi/who-may.`);
  if ((may.place === "anybody") !== (isPublic === true)) throw new Error(`Is ${routeKey(method, path)} public or not?`);
  return may;
}
