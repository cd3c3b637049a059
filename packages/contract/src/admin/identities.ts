/** Identities, their traits and their overrides, as the admin side speaks of them. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { scalarValue } from "./values.ts";

const id = () => z.number().int();

export const identitySchema = z.object({
  id: id().describe("Unique within its environment."),
  identifier: z.string().describe("What the application calls its user; unique in the environment, case-sensitive."),
  environment: id().describe("The environment's id."),
});

export const identityInput = drf.object({
  identifier: drf.string({ maxLength: 2000 }).describe("What the application calls its user."),
});

export const identityPatch = drf.object({ identifier: drf.string({ maxLength: 2000 }).optional() });

export const traitTypes = ["int", "unicode", "bool", "float"] as const;
export type TraitType = (typeof traitTypes)[number];

export const traitSchema = z.object({
  id: id().describe("Unique within its identity."),
  trait_key: z.string(),
  value_type: z.enum(traitTypes),
  integer_value: z.number().int().nullable(),
  string_value: z.string().nullable(),
  boolean_value: z.boolean().nullable(),
  float_value: z.number().nullable(),
  created_date: z.string().describe("ISO-8601, UTC."),
});

const traitFields = {
  value_type: drf.choice(traitTypes).nullish().describe("Which of the four values counts; unicode unless given."),
  integer_value: drf.integer({ min: -2147483648, max: 2147483647 }).nullish(),
  string_value: drf.string({ maxLength: 2000, allowBlank: true, trim: false }).nullish(),
  boolean_value: drf.nullableBoolean().optional(),
  float_value: drf.float().nullish(),
};

export const traitInput = drf.object({ trait_key: drf.string({ maxLength: 200 }), ...traitFields });
export type TraitInput = z.output<typeof traitInput>;
export const traitPatch = drf.object({ trait_key: drf.string({ maxLength: 200 }).optional(), ...traitFields });
export type TraitPatch = z.output<typeof traitPatch>;

export const variantSchema = z.object({
  id: id(),
  multivariate_feature_option: id(),
  percentage_allocation: z.number(),
});

export const variantInput = drf.object({
  multivariate_feature_option: drf.integer({ min: 1 }),
  percentage_allocation: drf.float({ min: 0, max: 100 }),
});

export const overrideSchema = z.object({
  id: id(),
  uuid: z.string(),
  feature: id(),
  enabled: z.boolean(),
  feature_state_value: scalarValue,
  multivariate_feature_state_values: z.array(variantSchema),
  environment: id(),
  identity: z.union([id(), z.object({ id: id(), identifier: z.string() })]),
  feature_segment: z.null(),
  change_request: z.null(),
  environment_feature_version: z.null(),
  created_at: z.string(),
  updated_at: z.string(),
  live_from: z.string(),
  deleted_at: z.null(),
  version: z.number(),
});

export const overrideFields = {
  enabled: drf.boolean().optional(),
  feature_state_value: z.unknown().optional().describe("Text, integer, boolean or null."),
  multivariate_feature_state_values: drf.many(variantInput, { maxLength: 500 }).optional(),
};

export const overrideInput = drf.object({ feature: drf.integer({ min: 1 }), ...overrideFields });
export type OverrideInput = z.output<typeof overrideInput>;
export const overridePatch = drf.object({ feature: drf.integer({ min: 1 }).optional(), ...overrideFields });
export type OverridePatch = z.output<typeof overridePatch>;

export const effectiveFlagSchema = z.object({
  feature: z.object({ id: id(), name: z.string(), type: z.string() }),
  enabled: z.boolean(),
  feature_state_value: scalarValue,
  overridden_by: z.enum(["SEGMENT", "IDENTITY"]).nullable(),
  segment: z.object({ id: id(), name: z.string() }).nullable(),
  multivariate_feature_state_values: z.array(
    z.object({ multivariate_feature_option: z.object({ value: scalarValue }), percentage_allocation: z.number() }),
  ),
});

export const cloneOverridesInput = drf.object({
  source_identity_id: drf.integer({ min: 1 }).describe("An identity of the same environment."),
});

export const traitKeysSchema = z.object({ keys: z.array(z.string()) });
export const deleteTraitsInput = drf.object({ key: drf.string({ maxLength: 200 }) });
