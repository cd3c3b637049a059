/**
 * zod schemas to JSON Schema. Schemas that the contract exports become components under their name there; a schema that would
 * say nothing, or something zod cannot express, is an error when the document is made and never an empty `{}` in it.
 */
import { z } from "zod";

export type JsonSchema = { [key: string]: unknown };

/** What is sent to the server, or what it answers: defaults and coercions make the two differ. */
export type Direction = "input" | "output";

export interface SchemaBook {
  /** A reference where the contract has a name for it. `place` is for the error. */
  schemaOf(schema: z.ZodType, direction: Direction, place: string): JsonSchema;
  /** Never a reference itself. */
  objectOf(schema: z.ZodType, direction: Direction, place: string): JsonSchema;
  /** Everything that was referred to so far. */
  components(): Readonly<Record<string, JsonSchema>>;
}

const SAFE = Number.MAX_SAFE_INTEGER;
const MAP_KEYWORDS = new Set(["properties", "patternProperties", "$defs"]);
/** Their contents are values; `not: {}` is how "nothing" is said. */
const NO_SCHEMAS = new Set(["enum", "const", "default", "examples", "not"]);

const isRecord = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Only objects are worth a name of their own. */
function isObject(schema: unknown): schema is z.ZodType {
  if (schema instanceof z.ZodObject) return true;
  return schema instanceof z.ZodPipe && isObject(schema.out);
}

/** "identitySchema" is the component Identity, "traitInput" TraitInput. */
const componentName = (exported: string): string =>
  exported
    .replace(/Schema$/, "")
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");

/** Calls `visit` for every schema inside `schema`, and for itself last. */
function visitSchemas(schema: JsonSchema, path: string, visit: (schema: JsonSchema, path: string) => void): void {
  for (const [keyword, value] of Object.entries(schema)) {
    if (NO_SCHEMAS.has(keyword)) continue;
    if (MAP_KEYWORDS.has(keyword) && isRecord(value)) {
      for (const [name, inner] of Object.entries(value)) {
        if (isRecord(inner)) visitSchemas(inner, `${path}.${name}`, visit);
      }
    } else if (Array.isArray(value)) {
      for (const [i, inner] of value.entries()) if (isRecord(inner)) visitSchemas(inner, `${path}[${i}]`, visit);
    } else if (isRecord(value)) visitSchemas(value, `${path}.${keyword}`, visit);
  }
  visit(schema, path);
}

/** Drops bounds that every safe integer keeps, and of answers what is only said of requests. */
function tidy(schema: JsonSchema, direction: Direction): void {
  if (schema["minimum"] === -SAFE) delete schema["minimum"];
  if (schema["maximum"] === SAFE) delete schema["maximum"];
  if (direction === "output") {
    if (schema["additionalProperties"] === false) delete schema["additionalProperties"];
    delete schema["maxItems"];
  }
  // Of a dictionary whose keys may be anything.
  const names = schema["propertyNames"];
  if (isRecord(names) && Object.keys(names).length === 1 && names["type"] === "string") delete schema["propertyNames"];
}

/** A list that is described need not say the same of its items. */
function dropSilentItems(schema: JsonSchema): void {
  const { items, description } = schema;
  if (isRecord(items) && Object.keys(items).length === 0 && typeof description === "string") delete schema["items"];
}

function refuseSilence(schema: JsonSchema, path: string): void {
  if (Object.keys(schema).length > 0) return;
  throw new Error(`The schema at ${path} says nothing. Give it a type, or describe what may be there.`);
}

export function createSchemaBook(named: Readonly<Record<string, unknown>>): SchemaBook {
  const names = new Map<z.ZodType, string>();
  for (const [name, value] of Object.entries(named)) {
    if (isObject(value) && !names.has(value)) names.set(value, componentName(name));
  }
  const parts = new Map<string, string>();
  const components = new Map<string, { schema: JsonSchema; text: string }>();

  /** Two contents under one name, such as a schema's two directions, are told apart by a number. */
  const keep = (wanted: string, schema: JsonSchema): string => {
    const text = JSON.stringify(schema);
    for (let n = 1; ; n += 1) {
      const name = n === 1 ? wanted : `${wanted}${n}`;
      const held = components.get(name);
      if (held && held.text !== text) continue;
      components.set(name, { schema, text });
      return name;
    }
  };

  const reference = (schema: z.ZodType, name: string, direction: Direction): JsonSchema => ({
    $ref: `#/components/schemas/${keep(name, convert(schema, direction, name))}`,
  });

  /** zod keeps what refers to itself under $defs; in a document it is a component. */
  const liftDefinitions = (schema: JsonSchema, place: string): JsonSchema => {
    const definitions = isRecord(schema["$defs"]) ? schema["$defs"] : {};
    delete schema["$defs"];
    const base = place.replace(/\W+/g, " ").trim().split(" ").map(componentName).join("");
    // What several schemas share is known by its text, which is the same for all before it is renamed.
    const target = (name: string): string => {
      const text = JSON.stringify(definitions[name]);
      const own = name.startsWith("__schema") ? `${base}Part${name.slice(8)}` : componentName(name);
      const known = parts.get(text) ?? own;
      parts.set(text, known);
      return known;
    };
    const targets = new Map(Object.keys(definitions).map((name) => [name, target(name)]));
    const redirect = (inner: JsonSchema): void => {
      const ref = inner["$ref"];
      if (typeof ref !== "string" || ref.startsWith("#/components/")) return;
      inner["$ref"] = `#/components/schemas/${ref === "#" ? base : targets.get(ref.replace("#/$defs/", ""))}`;
    };
    for (const [name, definition] of Object.entries(definitions)) {
      if (!isRecord(definition)) continue;
      visitSchemas(definition, name, redirect);
      keep(targets.get(name) ?? name, definition);
    }
    visitSchemas(schema, place, redirect);
    return schema;
  };

  const convert = (schema: z.ZodType, direction: Direction, place: string): JsonSchema => {
    const made = z.toJSONSchema(schema, {
      io: direction,
      unrepresentable: ({ message }) => {
        throw new Error(`The schema at ${place} cannot be told: ${message}.`);
      },
      override: ({ zodSchema, jsonSchema, path }) => {
        const name = names.get(zodSchema as unknown as z.ZodType);
        if (name === undefined || path.length === 0) return;
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
        Object.assign(jsonSchema, reference(zodSchema as unknown as z.ZodType, name, direction));
      },
    }) as JsonSchema;
    delete made["$schema"];
    visitSchemas(made, place, dropSilentItems);
    visitSchemas(made, place, (inner, path) => {
      refuseSilence(inner, path);
      tidy(inner, direction);
    });
    return liftDefinitions(made, place);
  };

  return {
    schemaOf: (schema, direction, place) => {
      const name = names.get(schema);
      return name === undefined ? convert(schema, direction, place) : reference(schema, name, direction);
    },
    objectOf: convert,
    components: () => {
      const sorted = [...components].sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(sorted.map(([name, { schema }]) => [name, schema]));
    },
  };
}
