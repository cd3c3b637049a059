/** Flag values in Flagsmith's typed form: a type, and one field for each. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { type FlagValue, maxFlagText } from "./values.ts";

export const valueTypes = ["unicode", "int", "bool"] as const;
export type ValueType = (typeof valueTypes)[number];

export const typedValueSchema = z.object({
  type: z.enum(valueTypes),
  string_value: z.string().nullable(),
  integer_value: z.int().nullable(),
  boolean_value: z.boolean().nullable(),
});
export type TypedValue = z.output<typeof typedValueSchema>;

/** To be spread into the object that holds a value. */
export const typedValueFields = {
  type: drf
    .choice(["unicode", "int", "bool", ""])
    .nullable()
    .optional()
    .describe("Which field counts; where it is missing, the one that is given."),
  string_value: drf.string({ maxLength: maxFlagText, allowBlank: true, trim: false }).nullable().optional(),
  integer_value: drf.integer().nullable().optional(),
  boolean_value: drf.nullableBoolean().optional(),
};

export const typedValueInput = drf.object(typedValueFields);
export type TypedValueInput = z.output<typeof typedValueInput>;

const typeOf = (value: FlagValue): ValueType =>
  typeof value === "boolean" ? "bool" : Number.isInteger(value) ? "int" : "unicode";

const inferred = (input: TypedValueInput): ValueType | undefined => {
  const given: ValueType[] = [];
  if (typeof input.string_value === "string") given.push("unicode");
  if (typeof input.integer_value === "number") given.push("int");
  if (typeof input.boolean_value === "boolean") given.push("bool");
  return given.length === 1 ? given[0] : undefined;
};

/** The value meant; what is left out stays as it was in `before`. */
export function readTypedValue(input: TypedValueInput, before: FlagValue = null): FlagValue {
  const type = input.type || inferred(input) || typeOf(before);
  const given = { unicode: input.string_value, int: input.integer_value, bool: input.boolean_value }[type];
  if (given !== undefined) return given;
  return typeOf(before) === type ? before : null;
}

/** Nothing is an empty text. A fraction, which imports may bring, is shown as text: there is no type for it. */
export function presentTypedValue(value: FlagValue): TypedValue {
  const type = typeOf(value);
  return {
    type,
    string_value: type === "unicode" && value !== null ? String(value) : null,
    integer_value: type === "int" ? Number(value) : null,
    boolean_value: type === "bool" ? value === true : null,
  };
}
