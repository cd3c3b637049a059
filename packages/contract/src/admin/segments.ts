/** Segments and their rules, as the admin side speaks of them. */
import type { DocumentCondition, DocumentRule } from "@burgee/engine";
import { z } from "zod";
import { conditionOperators } from "../document/shape.ts";
import * as drf from "../drf/index.ts";
import { isWholeFloat } from "../json/whole-float.ts";
import { pythonText } from "../python/python-text.ts";
import { blankText, noMetadata, rowId } from "./fields.ts";
import { pageFields } from "./paging.ts";

export const segmentLimits = {
  /** Conditions of one segment. */
  conditions: 100,
  /** Rules inside rules; a segment's own are depth 1. */
  ruleDepth: 5,
  /** Rules of one segment, at any depth. */
  rules: 500,
} as const;

/** A condition as it is stored: as documents spell it, and with what its author noted. */
export interface StoredCondition extends DocumentCondition {
  readonly description?: string | null;
}

export interface StoredRule extends DocumentRule {
  readonly rules: readonly StoredRule[];
  readonly conditions: readonly StoredCondition[];
}

const conditionSchema = z.object({
  operator: z.enum(conditionOperators),
  property: z.string().nullable().describe("Key of the trait, or a $. path."),
  value: z.string().nullable(),
  description: z.string().nullable(),
});

interface ShownRule {
  readonly type: "ALL" | "ANY" | "NONE";
  readonly rules: readonly ShownRule[];
  readonly conditions: readonly z.output<typeof conditionSchema>[];
}

const ruleSchema: z.ZodType<ShownRule> = z.lazy(() =>
  z.object({ type: z.enum(["ALL", "ANY", "NONE"]), rules: z.array(ruleSchema), conditions: z.array(conditionSchema) }),
);

export const segmentSchema = z.object({
  id: z.int(),
  uuid: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  project: z.int(),
  feature: z.int().nullable().describe("Set where only this feature may use it."),
  version_of: z.int(),
  managed_by: z.string(),
  rules: z.array(ruleSchema),
  membership_counts: z.array(z.never()),
  metadata: noMetadata,
  created_at: z.string(),
  updated_at: z.string(),
});

/** Whatever is compared with is text; numbers and booleans become it as Python prints them. */
const conditionValue = drf.field(z.string().meta({ maxLength: 1000 }), (value) => {
  const isScalar = typeof value === "boolean" || typeof value === "number" || isWholeFloat(value);
  const text = isScalar ? pythonText(value) : value;
  const parsed = drf.parse(drf.string({ maxLength: 1000, allowBlank: true, trim: false }), text);
  return parsed.ok ? drf.accept(parsed.value) : drf.refuse(...(parsed.body as string[]));
});

const conditionInput = drf.object({
  operator: drf.choice(conditionOperators),
  property: drf.string({ maxLength: 1000, allowBlank: true }).nullable().optional(),
  value: conditionValue.nullable().optional(),
  description: drf.string({ maxLength: 10_000, allowBlank: true }).nullable().optional(),
});

type ConditionInput = z.output<typeof conditionInput>;
export interface RuleInput {
  readonly type: "ALL" | "ANY" | "NONE";
  readonly rules?: readonly RuleInput[] | undefined;
  readonly conditions?: readonly ConditionInput[] | undefined;
}

const ruleInput: z.ZodType<RuleInput> = z.lazy(() =>
  drf.object({
    type: drf.choice(["ALL", "ANY", "NONE"]),
    rules: drf.many(ruleInput).optional(),
    conditions: drf.many(conditionInput).optional(),
  }),
);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !isWholeFloat(value);

/** Clients of old mark what shall go; it goes before anything is looked at. Below the depth limit nothing is touched. */
function withoutDeleted(rules: unknown, depth = 1): unknown {
  if (!Array.isArray(rules) || depth > segmentLimits.ruleDepth + 1) return rules;
  const kept = (items: unknown): unknown =>
    Array.isArray(items) ? items.filter((item) => !isRecord(item) || item["delete"] !== true) : items;
  return (kept(rules) as unknown[]).map((rule) =>
    isRecord(rule)
      ? { ...rule, conditions: kept(rule["conditions"]), rules: withoutDeleted(rule["rules"], depth + 1) }
      : rule,
  );
}

interface Size {
  readonly depth: number;
  readonly rules: number;
  readonly conditions: number;
}

function sizeOf(rules: unknown, depth = 1): Size {
  if (!Array.isArray(rules) || rules.length === 0 || depth > segmentLimits.ruleDepth + 1) {
    return { depth: depth - 1, rules: 0, conditions: 0 };
  }
  const sizes = rules.map((rule): Size => {
    if (!isRecord(rule)) return { depth, rules: 1, conditions: 0 };
    const inner = sizeOf(rule["rules"], depth + 1);
    const own = Array.isArray(rule["conditions"]) ? rule["conditions"].length : 0;
    return { depth: inner.depth, rules: inner.rules + 1, conditions: inner.conditions + own };
  });
  return {
    depth: Math.max(...sizes.map((size) => size.depth)),
    rules: sizes.reduce((sum, size) => sum + size.rules, 0),
    conditions: sizes.reduce((sum, size) => sum + size.conditions, 0),
  };
}

function sizeFault({ depth, rules, conditions }: Size): string | undefined {
  if (depth > segmentLimits.ruleDepth)
    return `Rules must not be nested more than ${segmentLimits.ruleDepth} levels deep.`;
  if (rules > segmentLimits.rules) {
    return `The segment has ${rules} rules, which exceeds the maximum rule count of ${segmentLimits.rules}.`;
  }
  if (conditions <= segmentLimits.conditions) return undefined;
  const most = segmentLimits.conditions;
  return `The segment has ${conditions} conditions, which exceeds the maximum condition count of ${most}.`;
}

const rules = drf.many(ruleInput, { allowEmpty: false });

/** A body's rules without what is marked deleted; a tree that is too large is refused before it is read. */
function sized<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((body, context) => {
    if (!isRecord(body) || !("rules" in body)) return body;
    const kept = withoutDeleted(body["rules"]);
    const fault = sizeFault(sizeOf(kept));
    if (fault === undefined) return { ...body, rules: kept };
    context.addIssue({ code: "custom", message: fault, path: ["segment"] });
    return z.NEVER;
  }, schema);
}

const name = drf.string({ maxLength: 2000 });

const settings = {
  description: blankText(20_000).optional(),
  /** Terraform's provider writes "none" as 0. */
  feature: drf.integer({ min: 0 }).nullable().optional(),
};

export const segmentInput = sized(drf.object({ ...settings, name, rules }));
export const segmentPatch = sized(drf.object({ ...settings, name: name.optional(), rules: rules.optional() }));
/** Rules that are tried and not stored. */
export const segmentPreviewInput = sized(drf.object({ rules }));
export type SegmentPatch = z.output<typeof segmentPatch>;

export const segmentCloneInput = drf.object({ name });

export const segmentQuery = drf.object({
  ...pageFields,
  q: drf.string({ allowBlank: true }).optional().describe("Part of the name, any case."),
  identity: drf.string({ allowBlank: true }).optional().describe("An identity's id: segments it is in."),
  include_feature_specific: drf.boolean().optional(),
});

export const associatedFeaturesQuery = drf.object({ ...pageFields, environment: rowId().optional() });
export const associatedFeatureSchema = z.object({ id: z.int(), feature: z.int(), environment: z.int() });

/** From a body to what is stored. */
export function storeRules(input: readonly RuleInput[]): StoredRule[] {
  return input.map((rule) => ({
    type: rule.type,
    rules: storeRules(rule.rules ?? []),
    conditions: (rule.conditions ?? []).map(({ operator, property, value, description }) => ({
      operator,
      property_: property ?? null,
      value: value ?? null,
      ...(description ? { description } : {}),
    })),
  }));
}

/** From what is stored to an answer. */
export function presentRules(stored: readonly StoredRule[]): ShownRule[] {
  return stored.map((rule) => ({
    type: rule.type,
    rules: presentRules(rule.rules),
    conditions: rule.conditions.map((condition) => ({
      operator: condition.operator as (typeof conditionOperators)[number],
      property: condition.property_,
      value: condition.value,
      description: condition.description ?? null,
    })),
  }));
}
