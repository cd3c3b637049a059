/** An identity by its identifier: what it is, and its traits with their types. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { traitValue } from "../sdk/trait-value.ts";

export const recordTraitTypes = ["string", "integer", "float", "boolean"] as const;
export type RecordTraitType = (typeof recordTraitTypes)[number];

const shownTraitValue = z.union([z.string(), z.number(), z.boolean()]);

export const recordTraitSchema = z.object({
  key: z.string(),
  type: z.enum(recordTraitTypes).describe("Tells the float 2.0 from the integer 2, which JSON readers do not."),
  value: shownTraitValue,
});
export type RecordTrait = z.output<typeof recordTraitSchema>;

export const identityRecordSchema = z.object({
  id: z.int(),
  identifier: z.string(),
  environment: z.int().describe("The environment's id."),
  created_date: z.string().describe("ISO-8601, UTC."),
  last_seen: z.string().describe("The day, UTC: 2026-11-23."),
  traits: z.array(recordTraitSchema).describe("By key. Empty for callers who may not see traits."),
  traits_hidden: z.boolean().describe("The caller may not see traits."),
  override_count: z.int().describe("Overrides that apply; expired ones do not count."),
});
export type IdentityRecord = z.output<typeof identityRecordSchema>;

/** Traits in one body. */
export const maxRecordTraits = 1000;

export const recordInput = drf.object({
  traits: drf
    .dictionary(traitValue().nullable())
    .optional()
    .describe("By key. null removes; what is left out stays. Numbers with a fraction (2.0 too) are floats."),
});
export type RecordInput = z.output<typeof recordInput>;

export const recordTraitInput = drf.object({
  value: traitValue(),
  type: drf
    .choice(recordTraitTypes)
    .optional()
    .describe("Reads the value as this type: for clients that cannot write 2.0. As the value is written unless given."),
});
export type RecordTraitInput = z.output<typeof recordTraitInput>;
