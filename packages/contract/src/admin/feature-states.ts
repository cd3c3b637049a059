/** What features are in an environment: defaults and segment overrides, as the admin side speaks of them. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { rowId } from "./fields.ts";
import { stateVariantInput, stateVariantSchema } from "./multivariate-options.ts";
import { pageFields } from "./paging.ts";
import { typedValueInput, typedValueSchema } from "./typed-values.ts";
import { scalarValue } from "./values.ts";

const stateFields = {
  id: z.int(),
  uuid: z.string(),
  feature: z.int(),
  environment: z.int(),
  feature_segment: z.int().nullable(),
  enabled: z.boolean(),
  multivariate_feature_state_values: z.array(stateVariantSchema),
  change_request: z.null(),
  environment_feature_version: z.null(),
  created_at: z.string(),
  updated_at: z.string(),
  live_from: z.string(),
  deleted_at: z.null(),
  version: z.int(),
};

const identity = z.union([z.null(), z.object({ id: z.int(), identifier: z.string() })]);

/** With the bare value. */
export const stateSchema = z.object({ ...stateFields, feature_state_value: scalarValue, identity });
/** With the typed value. */
export const typedStateSchema = z.object({ ...stateFields, feature_state_value: typedValueSchema, identity: z.null() });

const changeable = {
  enabled: drf.boolean().optional(),
  multivariate_feature_state_values: drf.many(stateVariantInput, { maxLength: 100 }).optional(),
};

/** For environments/{key}/featurestates/: bare value, and a PUT that leaves what it does not name. */
export const statePatch = drf.object({
  ...changeable,
  feature: rowId().optional().describe("Repeats what the state is of; it cannot be changed."),
  feature_state_value: z.unknown().optional().describe("Text, integer, boolean or null."),
});
export type StatePatch = z.output<typeof statePatch>;

export const stateQuery = drf.object({
  ...pageFields,
  feature: rowId().optional(),
  feature_name: drf.string({ allowBlank: true }).optional(),
  anyIdentity: drf
    .string({ allowBlank: true })
    .optional()
    .describe("Given at all: identity overrides instead of defaults."),
});

const typedFields = {
  ...changeable,
  feature_segment: rowId().nullable().optional(),
  identity: rowId().nullable().optional().describe("Identity overrides have routes of their own: refused."),
  identifier: drf.string({ allowBlank: true }).nullable().optional(),
  feature_state_value: typedValueInput.optional(),
};

export const typedStateInput = drf.object({ ...typedFields, environment: rowId(), feature: rowId() });
export type TypedStateInput = z.output<typeof typedStateInput>;
export const typedStatePatch = drf.object({
  ...typedFields,
  environment: rowId().optional(),
  feature: rowId().optional(),
});
export type TypedStatePatch = z.output<typeof typedStatePatch>;

export const typedStateQuery = drf.object({
  ...pageFields,
  environment: rowId().optional(),
  feature: rowId().optional(),
  feature_segment: rowId().optional(),
});

/** Which segment overrides which feature, and how strongly: the lowest priority wins. */
export const featureSegmentSchema = z.object({
  id: z.int(),
  uuid: z.string(),
  segment: z.int(),
  segment_name: z.string(),
  is_feature_specific: z.boolean(),
  environment: z.int(),
  priority: z.int(),
});

export const createdFeatureSegmentSchema = z.object({
  id: z.int(),
  uuid: z.string(),
  feature: z.int(),
  segment: z.int(),
  environment: z.int(),
  priority: z.int(),
});

const priority = drf.integer({ min: 0 });

export const featureSegmentInput = drf.object({
  feature: rowId(),
  segment: rowId(),
  environment: rowId(),
  priority: priority.nullable().optional().describe("Its place; the last unless given."),
});
export const featureSegmentPatch = drf.object({
  feature: rowId().optional(),
  segment: rowId().optional(),
  environment: rowId().optional(),
  priority: priority.nullable().optional(),
});
export type FeatureSegmentPatch = z.output<typeof featureSegmentPatch>;

export const featureSegmentQuery = drf.object({ ...pageFields, environment: rowId(), feature: rowId() });

export const prioritiesInput = drf.many(drf.object({ id: rowId(), priority }), { maxLength: 1000 });

export const segmentOverrideInput = drf.object({
  ...changeable,
  feature_segment: drf.object({ segment: rowId(), priority: priority.nullable().optional() }),
  feature_state_value: typedValueInput,
});
export type SegmentOverrideInput = z.output<typeof segmentOverrideInput>;

export const segmentOverrideSchema = typedStateSchema
  .omit({ feature_segment: true, version: true, environment_feature_version: true })
  .extend({
    feature_segment: z.object({ id: z.int(), uuid: z.string(), segment: z.int(), priority: z.int() }),
  });
