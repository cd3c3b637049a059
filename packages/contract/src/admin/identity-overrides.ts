/** What single identities get instead of everybody's value: by identifier, with a reason and an end. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { dateTime } from "./fields.ts";
import { scalarValue } from "./values.ts";

export const overriddenFeatureSchema = z.object({ id: z.int(), name: z.string(), type: z.string() });

export const identityOverrideSchema = z.object({
  feature: overriddenFeatureSchema,
  enabled: z.boolean(),
  value: scalarValue.describe("The variant's, where one is pinned."),
  variant: z
    .string()
    .nullable()
    .describe('The key of the variant that is pinned; "control" for the control value; null where none is.'),
  reason: z.string().nullable(),
  expires_at: z.string().nullable().describe("ISO-8601, UTC. From then on the override does not apply."),
  is_expired: z.boolean(),
  created_date: z.string(),
  updated_at: z.string(),
  updated_by: z.string().nullable().describe("A person's e-mail address, a key's name, or the part of the program."),
  identity: z.object({ id: z.int(), identifier: z.string() }),
});
export type IdentityOverride = z.output<typeof identityOverrideSchema>;

export const identityOverridesSchema = z.object({ results: z.array(identityOverrideSchema) });

export const maxOverrideReason = 2000;

export const identityOverrideInput = drf.object({
  enabled: drf.boolean().optional(),
  value: z.unknown().optional().describe("Text, integer, boolean or null. Not together with variant."),
  variant: drf
    .string({ maxLength: 255 })
    .optional()
    .describe('Pins a variant of the feature by its key, or "control". Not together with value.'),
  reason: drf.string({ maxLength: maxOverrideReason, allowBlank: true }).nullable().optional(),
  expires_at: dateTime().nullable().optional().describe("In the future; null = it stays."),
});
export type IdentityOverrideInput = z.output<typeof identityOverrideInput>;

/** A feature's number, or its name in any case. A text of digits alone is a number. */
export const featureReference = () =>
  drf.string({ maxLength: 2000 }).describe("A feature's id or its name. Digits alone are an id.");

export const overridesCloneInput = drf.object({
  from: drf.string({ maxLength: 2000, trim: false }).describe("Identifier of an identity of the same environment."),
  features: drf.many(featureReference(), { maxLength: 1000 }).optional().describe("Only these; all unless given."),
  replace: drf
    .boolean()
    .optional()
    .describe("Also removes what the source does not have. Without it, such overrides are kept."),
});
export type OverridesCloneInput = z.output<typeof overridesCloneInput>;

export const overridesCloneSchema = z.object({
  copied: z.int().describe("Overrides that now are as the source's."),
  removed: z.int(),
  kept: z.int().describe("Overrides of the identity that were left alone."),
});

export const overrideListLimits = { page: 50, mostOnPage: 200, countedUpTo: 10_000 } as const;

export const overrideListQuery = drf.object({
  feature: featureReference().optional(),
  q: drf
    .string({ allowBlank: true, trim: false, maxLength: 2000 })
    .optional()
    .describe('Part of the identifier, any case; "in quotes" exactly; with a star at its end, how it begins.'),
  expired: drf.boolean().optional().describe("Only expired ones, or only those that apply; all unless given."),
  cursor: drf.string({ maxLength: 8000 }).optional().describe("next of the page before."),
  limit: drf.integer({ min: 1, max: overrideListLimits.mostOnPage }).optional(),
});

export const overrideListSchema = z.object({
  results: z.array(identityOverrideSchema).describe("By identifier, then feature."),
  next: z.string().nullable().describe("The cursor of the next page."),
  total: z.object({ count: z.int(), exact: z.boolean().describe("false: there are more than count.") }),
});
