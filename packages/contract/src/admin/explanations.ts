/** Why an identity gets what it gets: one flag or all of them, and every segment with its conditions tried. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { maxIdentifier, maxTraitKey, traitValue } from "../sdk/trait-value.ts";
import { recordTraitSchema } from "./identity-records.ts";
import { scalarValue } from "./values.ts";

export const operandTypes = ["text", "integer", "float", "boolean", "unreadable"] as const;

export const conditionTraceSchema = z.object({
  property: z.string().describe('A trait\'s key or a path that begins with "$."; "" with a split: the identity.'),
  operator: z.string(),
  value: z.string().describe("As the condition has it."),
  operand: z
    .object({ type: z.enum(operandTypes), text: z.string() })
    .nullable()
    .describe("What was compared, after conversion. null: not set."),
  held: z.boolean(),
  split: z
    .object({ bucket: z.number(), threshold: z.number().nullable() })
    .nullable()
    .describe("Of a percentage split: it holds where bucket <= threshold."),
});
export type ConditionTrace = z.output<typeof conditionTraceSchema>;

export interface RuleTrace {
  type: string;
  held: boolean;
  conditions: ConditionTrace[];
  rules: RuleTrace[];
}

export const ruleTraceSchema: z.ZodType<RuleTrace> = z.lazy(() =>
  z.object({
    type: z.string().describe("ALL, ANY or NONE."),
    held: z.boolean(),
    conditions: z.array(conditionTraceSchema),
    rules: z.array(ruleTraceSchema),
  }),
);

export const segmentReasonSchema = z.object({
  id: z.int(),
  name: z.string(),
  is_member: z.boolean(),
  summary: z.string().describe("In plain words."),
  trace: z
    .object({ rules: z.array(ruleTraceSchema) })
    .nullable()
    .describe("null for callers who may not see traits: a condition that held tells one."),
});
export type SegmentReason = z.output<typeof segmentReasonSchema>;

export const identitySegmentsSchema = z.object({ results: z.array(segmentReasonSchema) });

export const flagSources = ["default", "split", "segment", "override"] as const;
export type FlagSource = (typeof flagSources)[number];

/** Why another override of the feature does not count. */
export const lossReasons = [
  "not in segment",
  "identity override",
  "weaker priority",
  "equal priority, met later",
] as const;

export const flagTraceSchema = z.object({
  reason: z.string().describe("As SDKs report it."),
  variants: z
    .array(
      z.object({
        key: z.string().nullable(),
        value: scalarValue,
        weight: z.number(),
        threshold_low: z.number(),
        threshold_high: z.number(),
        hit: z.boolean(),
      }),
    )
    .describe("Of what won, in the order they are laid out."),
  lost: z
    .array(
      z.object({
        source: z.enum(["segment", "override"]),
        segment: z.object({ id: z.int(), name: z.string(), priority: z.int().nullable() }).nullable(),
        because: z.enum(lossReasons),
      }),
    )
    .describe("The feature's other overrides, the strongest first."),
});

export const explainedFlagSchema = z.object({
  feature: z.object({ id: z.int(), name: z.string(), type: z.string() }),
  enabled: z.boolean(),
  value: scalarValue,
  source: z.enum(flagSources).describe("split: the environment's default, which has variants."),
  summary: z.string().describe("In plain words."),
  segment: z
    .object({ id: z.int(), name: z.string(), priority: z.int().nullable().describe("The lowest wins.") })
    .nullable(),
  variant: z.object({ key: z.string().nullable(), value: scalarValue }).nullable(),
  split: z
    .object({
      bucket: z.number().describe("From 0 up to 100; the same for the same identity and feature, always."),
      threshold_low: z.number().describe("What came out is for buckets from here,"),
      threshold_high: z.number().describe("up to here, not including it."),
    })
    .nullable(),
  override: z
    .object({
      updated_by: z.string().nullable(),
      updated_at: z.string(),
      reason: z.string().nullable(),
      expires_at: z.string().nullable(),
    })
    .nullable()
    .describe("The identity's own, where that won."),
  expired_override: z
    .object({ expires_at: z.string(), updated_by: z.string().nullable(), reason: z.string().nullable() })
    .nullable()
    .describe("The identity's own, where it would have won had it not expired."),
  trace: flagTraceSchema,
});
export type ExplainedFlag = z.output<typeof explainedFlagSchema>;

export const explanationSchema = z.object({
  identity: z.object({
    identifier: z.string(),
    is_known: z.boolean().describe("It is stored."),
    traits: z.array(recordTraitSchema).describe("As segments saw them. Empty for callers who may not see traits."),
    traits_hidden: z.boolean(),
  }),
  environment: z.object({ id: z.int(), name: z.string() }),
  revision: z.int().describe("The environment's, that this is true of."),
  flags: z.array(explainedFlagSchema),
  segments: z.array(segmentReasonSchema),
});
export type Explanation = z.output<typeof explanationSchema>;

export const explainQuery = drf.object({
  feature: drf.string({ maxLength: 2000 }).optional().describe("A feature's id or its name; all unless given."),
});

export const whatIfInput = drf.object({
  identifier: drf
    .string({ maxLength: maxIdentifier, trim: false })
    .optional()
    .describe('Who; a stored identity or not. Unless given, nobody known, who splits as the identifier "".'),
  traits: drf.dictionary(traitValue()).optional().describe("Laid over the stored ones."),
  remove_traits: drf.many(drf.string({ maxLength: maxTraitKey, trim: false }), { maxLength: 1000 }).optional(),
  feature: drf.string({ maxLength: 2000 }).optional().describe("A feature's id or its name; all unless given."),
  stored: drf
    .boolean()
    .optional()
    .describe("false: without the stored traits and overrides. True unless given, where the identity is stored."),
});
export type WhatIfInput = z.output<typeof whatIfInput>;
