/**
 * Holds JSON values against the schemas of the OpenAPI document: the part of JSON Schema that it uses, and a throw for any
 * other keyword, so that nothing passes because it was not understood.
 */
export type Schema = Readonly<Record<string, unknown>>;

/** What is wrong, each with its place; fields that the schema does not name are wrong too. */
export function schemaFaults(schemas: Readonly<Record<string, Schema>>, schema: Schema, value: unknown): string[] {
  const faults: string[] = [];
  check(schemas, schema, value, "$", faults);
  return faults;
}

type Keyword = (input: {
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly schema: Schema;
  readonly wanted: unknown;
  readonly value: unknown;
  readonly at: string;
  readonly faults: string[];
}) => void;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isType = (type: unknown, value: unknown): boolean => {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isRecord(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
};

const matches = (schemas: Readonly<Record<string, Schema>>, schema: Schema, value: unknown): boolean =>
  schemaFaults(schemas, schema, value).length === 0;

const says =
  (holds: (wanted: never, value: never) => boolean, applies: (value: unknown) => boolean, text: string): Keyword =>
  ({ wanted, value, at, faults }) => {
    if (applies(value) && !holds(wanted as never, value as never))
      faults.push(`${at}: ${text} ${JSON.stringify(wanted)}`);
  };

const isNumber = (value: unknown) => typeof value === "number";
const isText = (value: unknown) => typeof value === "string";

const formats: Readonly<Record<string, RegExp>> = {
  "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  email: /^[^@\s]+@[^@\s]+$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
};

const ignored: Keyword = () => {};

const keywords: Readonly<Record<string, Keyword>> = {
  description: ignored,
  title: ignored,
  default: ignored,
  examples: ignored,
  $ref: ({ schemas, wanted, value, at, faults }) => {
    const name = String(wanted).replace("#/components/schemas/", "");
    const target = schemas[name];
    if (!target) throw new Error(`There is no schema ${name}.`);
    check(schemas, target, value, at, faults);
  },
  type: ({ wanted, value, at, faults }) => {
    const types = Array.isArray(wanted) ? wanted : [wanted];
    if (!types.some((type) => isType(type, value))) faults.push(`${at}: is no ${types.join(" or ")}`);
  },
  enum: says(
    (wanted: unknown[], value: unknown) => wanted.includes(value),
    () => true,
    "is none of",
  ),
  const: says(
    (wanted: unknown, value: unknown) => wanted === value,
    () => true,
    "is not",
  ),
  minimum: says((wanted: number, value: number) => value >= wanted, isNumber, "is less than"),
  maximum: says((wanted: number, value: number) => value <= wanted, isNumber, "is more than"),
  exclusiveMinimum: says((wanted: number, value: number) => value > wanted, isNumber, "is not more than"),
  exclusiveMaximum: says((wanted: number, value: number) => value < wanted, isNumber, "is not less than"),
  minLength: says((wanted: number, value: string) => [...value].length >= wanted, isText, "is shorter than"),
  maxLength: says((wanted: number, value: string) => [...value].length <= wanted, isText, "is longer than"),
  pattern: says((wanted: string, value: string) => new RegExp(wanted, "u").test(value), isText, "does not match"),
  minItems: says((wanted: number, value: unknown[]) => value.length >= wanted, Array.isArray, "has fewer items than"),
  maxItems: says((wanted: number, value: unknown[]) => value.length <= wanted, Array.isArray, "has more items than"),
  format: says((wanted: string, value: string) => formats[wanted]?.test(value) ?? true, isText, "has not the form"),
  required: ({ wanted, value, at, faults }) => {
    if (!isRecord(value)) return;
    for (const name of wanted as string[]) if (!Object.hasOwn(value, name)) faults.push(`${at}.${name}: is missing`);
  },
  properties: ({ schemas, schema, wanted, value, at, faults }) => {
    if (!isRecord(value)) return;
    const known = wanted as Record<string, Schema>;
    for (const [name, inner] of Object.entries(value)) {
      const of = Object.hasOwn(known, name) ? known[name] : undefined;
      if (of) check(schemas, of, inner, `${at}.${name}`, faults);
      else if (schema["additionalProperties"] === undefined) faults.push(`${at}.${name}: is not in the document`);
    }
  },
  additionalProperties: ({ schemas, schema, wanted, value, at, faults }) => {
    if (!isRecord(value)) return;
    const known = isRecord(schema["properties"]) ? schema["properties"] : {};
    for (const [name, inner] of Object.entries(value)) {
      if (Object.hasOwn(known, name)) continue;
      if (isRecord(wanted)) check(schemas, wanted, inner, `${at}.${name}`, faults);
      else if (wanted === false) faults.push(`${at}.${name}: is not allowed`);
    }
  },
  items: ({ schemas, wanted, value, at, faults }) => {
    if (Array.isArray(value))
      for (const [i, item] of value.entries()) check(schemas, wanted as Schema, item, `${at}[${i}]`, faults);
  },
  not: ({ schemas, wanted, value, at, faults }) => {
    if (matches(schemas, wanted as Schema, value)) faults.push(`${at}: must not be there`);
  },
  allOf: ({ schemas, wanted, value, at, faults }) => {
    for (const one of wanted as Schema[]) check(schemas, one, value, at, faults);
  },
  anyOf: ({ schemas, wanted, value, at, faults }) => {
    const tries = (wanted as Schema[]).map((one) => schemaFaults(schemas, one, value));
    if (tries.every((found) => found.length > 0)) faults.push(`${at}: fits nothing of ${JSON.stringify(tries)}`);
  },
};

function check(
  schemas: Readonly<Record<string, Schema>>,
  schema: Schema,
  value: unknown,
  at: string,
  faults: string[],
): void {
  for (const [keyword, wanted] of Object.entries(schema)) {
    const rule = keywords[keyword];
    if (!rule) throw new Error(`${at}: the keyword ${keyword} is not understood.`);
    rule({ schemas, schema, wanted, value, at, faults });
  }
}
