/** One route as OpenAPI's operation. */
import type { z } from "zod";
import type { AdminRoute } from "../http/admin-door.ts";
import type { JsonSchema, SchemaBook } from "./schema-book.ts";
import { type WhoMay, whoMayText } from "./who-may/who-may.ts";

export type AnyRoute = AdminRoute<z.ZodType | undefined, z.ZodType | undefined, z.ZodType | undefined>;

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header" | "header";
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface Reference {
  readonly $ref: string;
}

export interface Answer {
  readonly $ref?: undefined;
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  /** Who may call it, as a sentence. */
  readonly "x-who-may": string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, Answer | Reference>>;
}

export const routeKey = (method: string, path: string): string => `${method.toUpperCase()} ${path}`;

/** "get /api/v1/projects/{id}/tags/" is getProjectsByIdTags. */
export function operationId(method: string, path: string): string {
  const words = path
    .replace(/^\/api\/v1\//, "/")
    .replace(/\{(\w+)\}/g, "by-$1")
    .split(/[^a-zA-Z0-9]+/)
    .filter((word) => word !== "");
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  200: "Done.",
  201: "Created.",
  202: "Taken on.",
  204: "Done. No body.",
  304: "Unchanged.",
};

/** Errors by status, as components of the document. */
export const errorName: Readonly<Record<number, string>> = {
  400: "Invalid",
  401: "Unauthenticated",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  413: "TooLarge",
  415: "Unsupported",
  429: "TooMany",
  503: "Unavailable",
};

export const jsonContent = (schema: JsonSchema) => ({ "application/json": { schema } });

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

function parametersOf(book: SchemaBook, route: AnyRoute, place: "path" | "query"): Parameter[] {
  const schema = place === "path" ? route.params : route.query;
  if (!schema) return [];
  const at = `${routeKey(route.method, route.path)} ${place}`;
  const { properties = {}, required = [] } = book.objectOf(schema, "input", at) as ObjectSchema;
  return Object.entries(properties).map(([name, { description, ...inner }]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    ...(typeof description === "string" ? { description } : {}),
    schema: inner,
  }));
}

const namesIn = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);

/** What can go wrong besides what the route says of itself. Wrong credentials are refused even where none are needed. */
function errorsOf(route: AnyRoute, may: WhoMay): number[] {
  return [
    ...(route.body || route.query ? [400] : []),
    ...[401, 403],
    ...(route.params || route.query || route.body ? [404] : []),
    ...(route.method === "get" ? [] : [409]),
    ...(route.body ? [413, 415] : []),
    ...(may.place === "anybody" || may.place === "person" ? [429] : []),
    503,
  ];
}

function answersOf(book: SchemaBook, route: AnyRoute, may: WhoMay): Operation["responses"] {
  const answers: Record<string, Answer | Reference> = {};
  for (const [status, schema] of Object.entries(route.responses)) {
    const at = `${routeKey(route.method, route.path)} ${status}`;
    const description = STATUS_TEXT[Number(status)] ?? "Refused.";
    const own = schema && book.schemaOf(schema, "output", at);
    // A refusal of its own does not replace the usual one, that of a field.
    const all = own && Number(status) === 400 ? { anyOf: [own, { $ref: "#/components/schemas/FieldProblems" }] } : own;
    answers[status] = all ? { description, content: jsonContent(all) } : { description };
  }
  for (const status of errorsOf(route, may)) {
    answers[status] ??= { $ref: `#/components/responses/${errorName[status]}` };
  }
  return answers;
}

export function bodyOf(book: SchemaBook, schema: z.ZodType, place: string): NonNullable<Operation["requestBody"]> {
  const { required = [] } = book.objectOf(schema, "input", place) as ObjectSchema;
  return { required: required.length > 0, content: jsonContent(book.schemaOf(schema, "input", place)) };
}

const PEOPLE = { token: [] };
const KEYS = { organisationKey: [] };

export function adminOperation(book: SchemaBook, route: AnyRoute, may: WhoMay): Operation {
  const key = routeKey(route.method, route.path);
  const parameters = [...parametersOf(book, route, "path"), ...parametersOf(book, route, "query")];
  const described = new Set(parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name));
  const missing = namesIn(route.path).filter((name) => !described.has(name));
  if (missing.length > 0) throw new Error(`${key} has no schema for ${missing.join(", ")}.`);
  return {
    operationId: operationId(route.method, route.path),
    summary: route.summary,
    tags: [route.tag],
    security: may.place === "anybody" ? [] : may.place === "person" ? [PEOPLE] : [PEOPLE, KEYS],
    "x-who-may": whoMayText(may),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: bodyOf(book, route.body, `${key} body`) } : {}),
    responses: answersOf(book, route, may),
  };
}
