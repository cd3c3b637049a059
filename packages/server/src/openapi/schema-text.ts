/** JSON Schema in words, for people who read the reference. */
import { type Html, html, join, prose } from "./html.ts";
import type { JsonSchema } from "./schema-book.ts";

export type Schemas = Readonly<Record<string, JsonSchema>>;

const nameOf = (ref: unknown): string => String(ref).split("/").at(-1) ?? "";

const link = (name: string): Html => html`<a href="#schema-${name}">${name}</a>`;

const listOf = (value: unknown): JsonSchema[] => (Array.isArray(value) ? (value as JsonSchema[]) : []);

const isSchema = (value: unknown): value is JsonSchema => typeof value === "object" && value !== null;

const properties = (schema: JsonSchema) => (schema["properties"] ?? {}) as Schemas;

const isPage = (schema: JsonSchema): boolean => {
  const held = properties(schema);
  return "count" in held && "next" in held && "previous" in held && "results" in held;
};

function bounds(schema: JsonSchema): Html {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, format } = schema as Record<string, number>;
  const said: string[] = [];
  if (format !== undefined) said.push(String(format));
  if (maxLength !== undefined) said.push(`at most ${maxLength} characters`);
  else if (minLength === 1) said.push("not empty");
  // The bounds of 32 bits go without saying.
  if (minimum !== undefined && minimum !== -2147483648) said.push(`from ${minimum}`);
  if (maximum !== undefined && maximum !== 2147483647 && maximum !== Number.MAX_SAFE_INTEGER)
    said.push(`to ${maximum}`);
  if (minItems !== undefined) said.push(`at least ${minItems}`);
  if (maxItems !== undefined) said.push(`at most ${maxItems}`);
  return said.length === 0 ? html`` : html` <small>${said.join(", ")}</small>`;
}

function plainType(schema: JsonSchema): Html {
  const { type } = schema;
  if (type === "array") {
    const { items } = schema;
    if (!isSchema(items)) return html`array`;
    return "not" in items ? html`empty array` : html`array of ${typeText(items)}`;
  }
  if (type === "object") {
    const { additionalProperties: values } = schema;
    if (isPage(schema))
      return html`page of ${typeText((properties(schema)["results"] as JsonSchema)["items"] as JsonSchema)}`;
    return isSchema(values) && Object.keys(values).length > 0 ? html`object of ${typeText(values)}` : html`object`;
  }
  if (Array.isArray(type)) return html`${type.join(" or ")}`;
  return html`${typeof type === "string" ? type : "anything"}`;
}

/** "integer", "array of Tag", "Tag or null". */
export function typeText(schema: JsonSchema): Html {
  if (typeof schema["$ref"] === "string") return link(nameOf(schema["$ref"]));
  if (Array.isArray(schema["enum"])) {
    return join(
      schema["enum"].map((value) => html`<code>${JSON.stringify(value)}</code>`),
      " or ",
    );
  }
  if ("const" in schema) return html`<code>${JSON.stringify(schema["const"])}</code>`;
  const choices = listOf(schema["anyOf"] ?? schema["oneOf"]);
  if (choices.length > 0) return join(choices.map(typeText), " or ");
  if (Array.isArray(schema["allOf"])) return join(listOf(schema["allOf"]).map(typeText), " and ");
  return html`${plainType(schema)}${bounds(schema)}`;
}

/** The object whose fields are worth showing below: of an array its items, of "X or null" X. References stay links. */
function inner(schema: JsonSchema): JsonSchema | undefined {
  if (isPage(schema)) return inner((properties(schema)["results"] as JsonSchema)["items"] as JsonSchema);
  if (Object.keys(properties(schema)).length > 0) return schema;
  if (isSchema(schema["items"])) return inner(schema["items"]);
  const choices = listOf(schema["anyOf"] ?? schema["oneOf"]);
  const objects = choices.map(inner).filter((choice) => choice !== undefined);
  return objects.length === 1 ? objects[0] : undefined;
}

const meaningOf = (property: JsonSchema | undefined): string | undefined =>
  typeof property?.["description"] === "string" ? property["description"] : undefined;

function rows(schema: JsonSchema, depth: number, elsewhere: Schemas): Html[] {
  const required = new Set(listOf(schema["required"]) as unknown[]);
  return Object.entries(properties(schema)).flatMap(([name, property]) => {
    const mark = required.has(name) ? undefined : html` <small>optional</small>`;
    const meaning = meaningOf(property) ?? meaningOf(elsewhere[name]);
    const row = html`<tr><td class="depth-${Math.min(depth, 4)}"><code>${name}</code>${mark}</td><td>${typeText(property)}</td><td>${meaning === undefined ? undefined : prose(meaning)}</td></tr>`;
    const nested = inner(property);
    return nested ? [row, ...rows(nested, depth + 1, {})] : [row];
  });
}

/** A table of its fields; nothing for what has none. `like` may say what a field means that does not say it itself. */
export function fieldTable(schema: JsonSchema, like: JsonSchema = {}): Html {
  const found = inner(schema);
  if (!found) return html``;
  return html`<table class="fields"><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows(found, 0, properties(like))}</tbody></table>`;
}

export const resolveSchema = (schemas: Schemas, schema: JsonSchema): JsonSchema =>
  typeof schema["$ref"] === "string" ? (schemas[nameOf(schema["$ref"])] ?? {}) : schema;
