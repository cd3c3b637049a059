/** A project's features with their defaults in one environment, as a file that another project takes in. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { rowId } from "./fields.ts";
import { pageFields } from "./paging.ts";
import { maxFlagText, scalarValue } from "./values.ts";

const types = ["unicode", "int", "bool"] as const;
const statuses = ["SUCCESS", "PROCESSING", "FAILED"] as const;
export const importStrategies = ["SKIP", "OVERWRITE_DESTRUCTIVE"] as const;

export const exportInput = drf.object({
  environment_id: rowId(),
  tag_ids: drf.list(rowId(), { maxLength: 100 }).optional().describe("Only features with one of them; none = all."),
});

export const exportSchema = z.object({
  id: z.int(),
  name: z.string().describe("The environment's, with the time."),
  environment_id: z.int(),
  status: z.enum(statuses),
  created_at: z.string(),
});

export const importSchema = z.object({
  id: z.int(),
  environment_id: z.int(),
  strategy: z.enum(importStrategies),
  status: z.enum(statuses),
  created_at: z.string(),
});

export const transferQuery = drf.object(pageFields);

/** The file comes as multipart/form-data, or as text in JSON. */
export const importInput = drf.object({
  file: drf.string({ trim: false }).describe("As an export is downloaded; 1 MB at most."),
  strategy: drf
    .choice(importStrategies)
    .describe("What is there already stays, or is deleted with its overrides and made anew."),
});

const text = () => drf.string({ maxLength: maxFlagText, allowBlank: true, trim: false });
const percent = () => drf.float({ min: 0, max: 100 });
const value = z.unknown().optional();

/** One feature in the file. */
export const transferredFeatureInput = drf.object({
  name: drf.string({ maxLength: 2000 }),
  default_enabled: drf.boolean(),
  is_server_key_only: drf.boolean().optional(),
  initial_value: text().nullish(),
  value,
  type: drf.choice(types).optional(),
  enabled: drf.boolean(),
  multivariate: drf
    .list(
      drf.object({
        percentage_allocation: percent(),
        default_percentage_allocation: percent(),
        value,
        type: drf.choice(types).optional(),
      }),
      { maxLength: 100 },
    )
    .optional(),
});
export type TransferredFeature = z.output<typeof transferredFeatureInput>;

export const transferredFeatureSchema = z.object({
  name: z.string(),
  default_enabled: z.boolean(),
  is_server_key_only: z.boolean(),
  initial_value: z.string().nullable(),
  value: scalarValue,
  type: z.enum(types),
  enabled: z.boolean(),
  multivariate: z.array(
    z.object({
      percentage_allocation: z.number(),
      default_percentage_allocation: z.number(),
      value: scalarValue,
      type: z.enum(types),
    }),
  ),
});

export const versionSchema = z.object({
  uuid: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  published: z.boolean(),
  live_from: z.string().nullable(),
  is_live: z.boolean(),
  published_by: z.int().nullable(),
  created_by: z.int().nullable(),
  description: z.string().nullable(),
});
