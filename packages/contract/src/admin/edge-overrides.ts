/** Overrides by identifier, on the paths that Flagsmith's hosted service has for them and its command line and scripts call. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { featureRef } from "./fields.ts";
import { overrideFields, variantSchema } from "./identities.ts";
import { featureReference } from "./identity-overrides.ts";
import { scalarValue } from "./values.ts";

/** What a list without pages holds at most. */
export const edgeOverridesLimit = 5_000;

const identifier = drf.string({ trim: false, maxLength: 2000 });

const target = { identifier, feature: featureRef.describe("Its id or its name.") };

export const edgeOverrideInput = drf.object({ ...target, ...overrideFields });
export type EdgeOverrideInput = z.output<typeof edgeOverrideInput>;

export const edgeOverrideTarget = drf.object(target);

export const edgeOverrideQuery = drf.object({ feature: featureReference().optional() });

export const edgeOverrideSchema = z.object({
  feature: z.int(),
  enabled: z.boolean(),
  feature_state_value: scalarValue,
  featurestate_uuid: z.string(),
  identity_uuid: z.null().describe("Identities are known by their number or their identifier here."),
  multivariate_feature_state_values: z.array(variantSchema),
});

export const edgeOverridesSchema = z.object({
  results: z
    .array(z.object({ identifier: z.string(), identity_uuid: z.null(), feature_state: edgeOverrideSchema }))
    .describe("By identifier, then feature; those that have ended are left out."),
});
