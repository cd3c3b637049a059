/** Projects, as the admin side speaks of them. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { blankText, rowId } from "./fields.ts";

/** What a project may hold unless it says otherwise; a project's administrator may raise it up to `most`. */
export const projectLimits = { features: 1000, segments: 500, segmentOverrides: 2000, most: 20_000 } as const;

export const projectSchema = z.object({
  id: z.int(),
  uuid: z.string(),
  name: z.string(),
  organisation: z.int(),
  hide_disabled_flags: z.boolean().describe("SDKs are not told of flags that are off."),
  prevent_flag_defaults: z.boolean().describe("A new feature is off and without a value in every environment."),
  enable_realtime_updates: z.boolean(),
  only_allow_lower_case_feature_names: z.boolean().describe("Kept by dashboards, not by the API."),
  feature_name_regex: z.string().nullable().describe("What names of features must match as a whole."),
  stale_flags_limit_days: z.int(),
  minimum_change_request_approvals: z.int().nullable(),
  enforce_feature_owners: z.boolean().describe("A new feature needs an owner."),
  enable_dynamo_db: z.boolean(),
  use_edge_identities: z.boolean().describe("Always false: identities are addressed by their number."),
  migration_status: z.string(),
  edge_v2_migration_status: z.string(),
  show_edge_identity_overrides_for_feature: z.boolean(),
});

export const projectDetailSchema = projectSchema.extend({
  max_features_allowed: z.int(),
  max_segments_allowed: z.int(),
  max_segment_overrides_allowed: z.int().describe("In one environment."),
  total_features: z.int(),
  total_segments: z.int(),
});

const name = drf.string({ maxLength: 2000 });
const limit = drf.integer({ min: 1, max: projectLimits.most });

const settings = {
  hide_disabled_flags: drf.boolean().optional(),
  prevent_flag_defaults: drf.boolean().optional(),
  enable_realtime_updates: drf.boolean().optional(),
  only_allow_lower_case_feature_names: drf.boolean().optional(),
  feature_name_regex: blankText(255).optional(),
  stale_flags_limit_days: drf.integer({ min: 0 }).optional(),
  minimum_change_request_approvals: drf.integer({ min: 0 }).nullable().optional(),
  enforce_feature_owners: drf.boolean().optional(),
  max_features_allowed: limit.optional(),
  max_segments_allowed: limit.optional(),
  max_segment_overrides_allowed: limit.optional(),
};

export const projectInput = drf.object({ name, organisation: rowId(), ...settings });
export const projectUpdate = drf.object({ name, ...settings });
export const projectPatch = drf.object({ name: name.optional(), ...settings });
export type ProjectPatch = z.output<typeof projectPatch>;
