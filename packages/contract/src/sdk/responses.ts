/** What the runtime API answers, for documentation and for tests. The server writes these by hand, for speed. */
import { z } from "zod";

const id = z.int().positive();

/** What a flag evaluates to. Decimals and JSON are texts. */
export const flagValueSchema = z
  .union([z.string(), z.int(), z.boolean(), z.null()])
  .describe("What the flag holds: text, 32-bit int, boolean or null.");

/** The feature a flag belongs to. Every null but those below appears where the environment hides sensitive data. */
export const featureSchema = z.object({
  id: id.describe("Number of the feature."),
  name: z.string().describe("Name, in its original case."),
  type: z.enum(["STANDARD", "MULTIVARIATE"]).describe("Whether the feature has variants."),
  created_date: z.string().nullable().describe("When it was made: ISO 8601, UTC, microseconds."),
  description: z.string().nullable().describe("What it is for."),
  initial_value: z.string().nullable().describe("Value for new environments, always as text."),
  default_enabled: z.boolean().nullable().describe("Whether it starts enabled in new environments."),
});

/** An environment's flag, as GET flags/ lists it. */
export const flagSchema = z.object({
  id: z.int().nullable().describe("Number of the feature state."),
  feature: featureSchema,
  feature_state_value: flagValueSchema,
  environment: z.int().nullable().describe("Number of the environment."),
  identity: z.int().nullable().describe("Number of the identity whose override this is."),
  feature_segment: z.int().nullable().describe("Number of the segment override this is."),
  enabled: z.boolean().describe("Whether the flag is on."),
});

/** A flag evaluated for an identity. */
export const identityFlagSchema = flagSchema.extend({
  variant: z
    .string()
    .nullable()
    .describe('Key of the chosen variant, "control" outside all of them, null for a feature without variants.'),
});

/** A trait, as an identity's answer lists it. */
export const traitResponseSchema = z.object({
  id: z.int().nullable().describe("Number of the stored trait; null for one that is not stored. Never a key."),
  trait_key: z.string().describe("Name of the trait."),
  trait_value: z
    .union([z.string(), z.number(), z.boolean(), z.null()])
    .describe("Its value; null only where a transient null hides a stored value."),
  transient: z.boolean().describe("Whether it was used for this evaluation only."),
});

/** The answer to GET and POST identities/. Both lists are always present. */
export const identityResponseSchema = z.object({
  identifier: z.string().describe("Whom the flags are for; made up for an anonymous identity."),
  traits: z.array(traitResponseSchema).describe("All traits that counted: stored, sent, then transient."),
  flags: z.array(identityFlagSchema).describe("Every flag, evaluated for the identity."),
});

/** Any refusal that is not about a field. */
export const detailSchema = z.object({ detail: z.string().describe("What went wrong.") });

export type Flag = z.infer<typeof flagSchema>;
export type IdentityFlag = z.infer<typeof identityFlagSchema>;
export type TraitResponse = z.infer<typeof traitResponseSchema>;
export type IdentityResponse = z.infer<typeof identityResponseSchema>;
