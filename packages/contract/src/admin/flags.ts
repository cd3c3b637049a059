/** A flag in one environment as a whole: its default and its segment overrides, read and written together. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { rowId } from "./fields.ts";
import { type FlagValue, maxFlagText } from "./values.ts";

const wordTypes = ["string", "integer", "boolean"] as const;

export const flagValueSchema = z.object({ type: z.enum(wordTypes), value: z.string() });

const variantSchema = z.object({ id: z.int(), weight: z.number() });
const servedSchema = z.object({
  enabled: z.boolean(),
  value: flagValueSchema.nullable(),
  variants: z.array(variantSchema),
});

export const flagSchema = z.object({
  environment_default: servedSchema,
  segment_overrides: z.array(
    servedSchema.extend({ segment: z.object({ id: z.int() }), priority: z.int().describe("The lowest wins.") }),
  ),
});
export type FlagAnswer = z.output<typeof flagSchema>;

const int32 = { min: -2147483648, max: 2147483647 };

/** Reads `{type, value}`, whose value is always text. */
export function readFlagText(type: (typeof wordTypes)[number], text: string): drf.Coerced<Exclude<FlagValue, null>> {
  if (type === "string") return drf.accept(text);
  if (type === "boolean") {
    const word = text.toLowerCase();
    return word === "true" || word === "false"
      ? drf.accept(word === "true")
      : drf.refuse(`'${text}' is not a valid boolean (use 'true' or 'false')`);
  }
  const number = /^\s*[-+]?\d+(?:_\d+)*\s*$/.test(text) ? Number(text.trim().replaceAll("_", "")) : Number.NaN;
  if (Number.isNaN(number)) return drf.refuse(`'${text}' is not a valid integer`);
  const fits = number >= int32.min && number <= int32.max;
  return fits ? drf.accept(number + 0) : drf.refuse(`Integer values must be between ${int32.min} and ${int32.max}.`);
}

const flagValueInput = drf
  .object({
    type: drf.choice(wordTypes),
    value: drf.string({ allowBlank: true, trim: false, maxLength: maxFlagText }),
  })
  .transform(({ type, value }, context) => {
    const read = readFlagText(type, value);
    if (read.ok) return read.value;
    for (const message of read.messages) context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

const served = {
  enabled: drf.boolean().optional(),
  value: flagValueInput.optional(),
  variants: drf
    .many(drf.object({ id: rowId(), weight: drf.float({ min: 0, max: 100 }) }), { maxLength: 100 })
    .optional()
    .describe("All of the feature's variants, 100 in sum at most."),
};

const overrideInput = drf.object({
  ...served,
  segment: drf.object({ id: rowId() }),
  priority: drf.integer({ min: 0 }).optional(),
});
export type FlagOverrideInput = z.output<typeof overrideInput>;

const defaultInput = drf.object(served);
export type FlagDefaultInput = z.output<typeof defaultInput>;

export const flagInput = drf.object({
  environment_default: defaultInput.optional(),
  segment_overrides: drf.many(overrideInput, { maxLength: 1000 }).optional(),
});
export type FlagInput = z.output<typeof flagInput>;

export function presentFlagValue(value: FlagValue): z.output<typeof flagValueSchema> | null {
  if (value === null) return null;
  const type = typeof value === "boolean" ? "boolean" : Number.isInteger(value) ? "integer" : "string";
  return { type, value: String(value) };
}
