/** JSON texts that a schema of the document allows, and texts that are nearly so. */
import fc from "fast-check";
import type { Schema } from "../json-schema.ts";
import { hostileJson } from "./hostile-values.ts";

type Schemas = Readonly<Record<string, Schema>>;

const isSchema = (value: unknown): value is Schema => typeof value === "object" && value !== null;

const MAX_DEPTH = 4;

function textOf({ minLength = 0, maxLength = 40, format }: Schema): fc.Arbitrary<unknown> {
  if (format === "email") return fc.emailAddress();
  if (format === "date-time")
    return fc.constantFrom("2030-01-02T03:04:05Z", "2030-01-02T03:04:05.123456+02:00", "2030-01-02");
  const least = Number(minLength);
  const most = Math.min(Number(maxLength), 40);
  return fc.oneof(
    fc.constantFrom("red", "user-1", "#6837FC", "plan", "1.2.3:semver", "5").filter((text) => text.length >= least),
    fc.string({ minLength: Math.min(least, most), maxLength: most }),
  );
}

function numberOf({ minimum = -1000, maximum = 1000 }: Schema, isInteger: boolean): fc.Arbitrary<unknown> {
  const min = Math.max(Number(minimum), -2147483648);
  const max = Math.max(min, Math.min(Number(maximum), 2147483647));
  const small = fc.integer({ min, max: Math.min(max, min + 20) });
  return isInteger ? small : fc.oneof(small, fc.double({ min, max, noNaN: true }));
}

function objectOf(schemas: Schemas, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const required = (schema["required"] ?? []) as string[];
  const fields = Object.entries((schema["properties"] ?? {}) as Schemas);
  const kept = depth > MAX_DEPTH ? fields.filter(([name]) => required.includes(name)) : fields;
  const model = Object.fromEntries(kept.map(([name, inner]) => [name, valid(schemas, inner, depth + 1)]));
  return fc.record(model, { requiredKeys: required.filter((name) => name in model) });
}

const ofType = (schemas: Schemas, schema: Schema, type: unknown, depth: number): fc.Arbitrary<unknown> => {
  switch (type) {
    case "string":
      return textOf(schema);
    case "integer":
      return numberOf(schema, true);
    case "number":
      return numberOf(schema, false);
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array": {
      const { items } = schema;
      const item = isSchema(items) ? valid(schemas, items, depth + 1) : fc.jsonValue();
      return fc.array(item, { minLength: Number(schema["minItems"] ?? 0), maxLength: depth > MAX_DEPTH ? 1 : 3 });
    }
    default:
      return objectOf(schemas, schema, depth);
  }
};

/** Values that the schema allows. */
export function valid(schemas: Schemas, schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  if (typeof schema["$ref"] === "string") {
    const target = schemas[schema["$ref"].split("/").at(-1) ?? ""];
    if (!target || depth > 2 * MAX_DEPTH) return fc.constant(null);
    return valid(schemas, target, depth + 1);
  }
  const choices = schema["anyOf"];
  if (Array.isArray(choices)) return fc.oneof(...choices.map((choice) => valid(schemas, choice as Schema, depth + 1)));
  if (Array.isArray(schema["enum"])) return fc.constantFrom(...(schema["enum"] as unknown[]));
  const types = Array.isArray(schema["type"]) ? (schema["type"] as unknown[]) : [schema["type"]];
  if (types[0] === undefined) return fc.jsonValue();
  return fc.oneof(...types.map((type) => ofType(schemas, schema, type, depth)));
}

/** Where something may be put: paths of keys into the value. */
function places(value: unknown, at: readonly string[] = []): string[][] {
  const here = [[...at]];
  if (typeof value !== "object" || value === null) return here;
  return [...here, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...at, key]))];
}

const MARK = "a place for something else";

function withMark(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return MARK;
  if (Array.isArray(value)) return value.map((item, i) => (String(i) === key ? withMark(item, rest) : item));
  const entries = Object.entries(value as object);
  return Object.fromEntries(entries.map(([name, inner]) => [name, name === key ? withMark(inner, rest) : inner]));
}

/** The value as JSON text with something hostile somewhere in it. */
export const nearly = (value: unknown): fc.Arbitrary<string> => {
  const all = places(value).slice(0, 200);
  return fc
    .tuple(fc.constantFrom(...all), hostileJson())
    .map(([place, text]) => JSON.stringify(withMark(value, place)).replace(JSON.stringify(MARK), () => text));
};
