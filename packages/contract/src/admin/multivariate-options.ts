/** Variants of a feature, as the admin side speaks of them: multivariate options. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { rowId, slug } from "./fields.ts";
import { typedValueFields, typedValueSchema } from "./typed-values.ts";

export const nestedOptionSchema = typedValueSchema.extend({
  id: z.int(),
  uuid: z.string(),
  default_percentage_allocation: z.number().describe("Its share in new environments, in percent."),
  key: z.string().nullable().describe("Its name, as answers report it."),
});

export const optionSchema = nestedOptionSchema.extend({ feature: z.int() });

/** What flags call the value of whoever gets no variant. */
export const reservedOptionKey = "control";

/** Shares add up to 100 at most; they are written in decimal and added in binary. */
export const maxPercentageSum = 100.000001;

const optionFields = {
  ...typedValueFields,
  default_percentage_allocation: drf.float({ min: 0, max: 100 }).optional(),
  key: slug(255).nullable().optional(),
};

/** Inside a feature: with its id where it exists. */
export const nestedOptionInput = drf.object({ ...optionFields, id: rowId().optional() });
export type NestedOptionInput = z.output<typeof nestedOptionInput>;

/** `feature` repeats the path. */
export const optionInput = drf.object({ ...optionFields, feature: rowId().optional() });
export type OptionInput = z.output<typeof optionInput>;

export const stateVariantSchema = z.object({
  id: z.int(),
  multivariate_feature_option: z.int(),
  percentage_allocation: z.number(),
});

export const stateVariantInput = drf.object({
  multivariate_feature_option: rowId(),
  percentage_allocation: drf.float({ min: 0, max: 100 }),
});
export type StateVariantInput = z.output<typeof stateVariantInput>;
