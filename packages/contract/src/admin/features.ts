/** Features, as the admin side speaks of them. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { pythonText } from "../python/python-text.ts";
import { blankText, noMetadata, rowId } from "./fields.ts";
import { nestedOptionInput, nestedOptionSchema } from "./multivariate-options.ts";
import { pageFields } from "./paging.ts";
import { maxFlagText, scalarValue } from "./values.ts";

export const lifecycleStages = ["new", "live", "stale", "permanent", "needs_monitoring", "to_remove"] as const;
export type LifecycleStage = (typeof lifecycleStages)[number];

const ownerSchema = z.object({
  id: z.int(),
  email: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  last_login: z.string().nullable(),
  uuid: z.string(),
});
const groupOwnerSchema = z.object({ id: z.int(), name: z.string() });

const smallStateSchema = z.object({
  id: z.int(),
  feature_state_value: scalarValue,
  environment: z.int(),
  identity: z.null(),
  feature_segment: z.int().nullable(),
  enabled: z.boolean(),
});

const featureFields = {
  id: z.int(),
  name: z.string().describe("Unique in its project, whatever the case."),
  type: z.enum(["STANDARD", "MULTIVARIATE"]).describe("MULTIVARIATE with variants."),
  description: z.string().nullable(),
  initial_value: z.string().nullable().describe("What new environments start with."),
  default_enabled: z.boolean().describe("Whether new environments start with it on."),
  created_date: z.string(),
  is_server_key_only: z.boolean().describe("Only server-side keys are told of it."),
  owners: z.array(ownerSchema),
  group_owners: z.array(groupOwnerSchema),
};

/** As the owner routes answer it. */
export const ownedFeatureSchema = z.object(featureFields);

export const featureSchema = ownedFeatureSchema.extend({
  uuid: z.string(),
  project: z.int(),
  tags: z.array(z.int()),
  multivariate_options: z.array(nestedOptionSchema),
  is_archived: z.boolean(),
  environment_feature_state: smallStateSchema.nullable().describe("With ?environment: its default there."),
  segment_feature_state: smallStateSchema.nullable().describe("With ?environment and ?segment: that override."),
  num_segment_overrides: z.int().describe("With ?environment; else 0."),
  num_identity_overrides: z.int().nullable().describe("With ?environment."),
  is_num_identity_overrides_complete: z.boolean(),
  last_modified_in_any_environment: z.string().nullable(),
  last_modified_in_current_environment: z.string().nullable(),
  lifecycle_stage: z.enum(lifecycleStages),
  code_references_counts: z.array(z.never()),
  metadata: noMetadata,
});

/** Numbers and booleans come as text, as Python prints them. */
const initialValue = drf.field(z.string().meta({ maxLength: maxFlagText }), (value) => {
  const text = typeof value === "boolean" ? pythonText(value) : value;
  const parsed = drf.parse(drf.string({ maxLength: maxFlagText, allowBlank: true, trim: false }), text);
  return parsed.ok ? drf.accept(parsed.value) : drf.refuse(...(parsed.body as string[]));
});

const type = drf.choice(["STANDARD", "MULTIVARIATE", ""]).optional();

const settings = {
  type,
  description: blankText().optional(),
  tags: drf.list(rowId(), { maxLength: 100 }).optional(),
  is_archived: drf.boolean().optional(),
  is_server_key_only: drf.boolean().optional(),
  multivariate_options: drf.many(nestedOptionInput, { maxLength: 100 }).optional(),
};

export const featureInput = drf.object({
  name: drf.string({ maxLength: 2000 }),
  initial_value: initialValue.nullable().optional(),
  default_enabled: drf.boolean().optional(),
  owners: drf.list(rowId(), { maxLength: 100 }).optional(),
  group_owners: drf.list(rowId(), { maxLength: 100 }).optional(),
  ...settings,
});
export type FeatureInput = z.output<typeof featureInput>;

/** Name, initial value and default are fixed at creation, and owners have routes of their own: here they are ignored. */
export const featurePatch = drf.object(settings);
export type FeaturePatch = z.output<typeof featurePatch>;

export const featureOwnersInput = drf.object({ user_ids: drf.list(rowId(), { maxLength: 100 }) });
export const featureGroupOwnersInput = drf.object({ group_ids: drf.list(rowId(), { maxLength: 100 }) });

const idTexts = (text: string): string[] => (text.trim() === "" ? [] : text.split(","));

/** `1,2`, as a query says it; see {@link readIds}. */
function idList(complaint: string): drf.Field<string> {
  return drf.field(z.string(), (value) => {
    const texts = typeof value === "string" ? idTexts(value) : [""];
    const isList = texts.length <= 500 && texts.every((text) => /^\s*\d{1,9}\s*$/.test(text));
    return isList ? drf.accept(String(value)) : drf.refuse(complaint);
  });
}

/** The ids of a list that was read; none of an empty one. */
export const readIds = (list: string): number[] => idTexts(list).map(Number);

export const featureQuery = drf.object({
  ...pageFields,
  search: drf.string({ allowBlank: true }).optional().describe("Part of the name, any case."),
  sort_field: drf.choice(["created_date", "name"]).optional(),
  sort_direction: drf.choice(["ASC", "DESC"]).optional(),
  tags: idList("Tag IDs must be integers.").optional().describe("1,2; empty: those without tags."),
  tag_strategy: drf.choice(["UNION", "INTERSECTION"]).optional(),
  is_archived: drf.boolean().optional(),
  type: drf.choice(["STANDARD", "MULTIVARIATE"]).optional(),
  environment: rowId().optional().describe("Adds what the features are there."),
  segment: rowId().optional().describe("With environment: adds what they are for that segment."),
  identity: drf.string({ allowBlank: true }).optional().describe("With environment: features it overrides come first."),
  is_enabled: drf.nullableBoolean().optional().describe("With environment."),
  value_search: drf.string({ allowBlank: true }).optional().describe("With environment: in the default's value."),
  owners: idList("Owner IDs must be integers.").optional(),
  group_owners: idList("Group owner IDs must be integers.").optional(),
  lifecycle_stage: drf.choice(lifecycleStages).optional().describe("With environment."),
});
export type FeatureQuery = z.output<typeof featureQuery>;

export const evaluationQuery = drf.object({
  environment_id: rowId(),
  period: drf.integer({ min: 1, max: 366 }).optional().describe("Days, up to today; 30 unless given."),
  user_agent: drf.string({ allowBlank: true }).optional().describe("One SDK, as it names itself."),
});

export const evaluationSchema = z.object({
  day: z.string().describe("YYYY-MM-DD, UTC."),
  count: z.int(),
  labels: z
    .object({
      client_application_name: z.null(),
      client_application_version: z.null(),
      user_agent: z.string().nullable(),
    })
    .nullable(),
});
