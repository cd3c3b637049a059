/** Tags of a project's features. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { blankText } from "./fields.ts";

export const defaultTagColour = "#6837FC";

export const tagSchema = z.object({
  id: z.int(),
  uuid: z.string(),
  label: z.string(),
  color: z.string(),
  description: z.string().nullable(),
  project: z.int(),
  is_permanent: z.boolean().describe("Features with it are never stale."),
  is_system_tag: z.boolean(),
  type: z.string(),
});

const label = drf.string({ maxLength: 100 });

const fields = {
  color: drf.string({ maxLength: 10 }).optional(),
  description: blankText(512).optional(),
  is_permanent: drf.boolean().optional(),
};

export const tagInput = drf.object({ label, ...fields });
export const tagPatch = drf.object({ label: label.optional(), ...fields });
export type TagPatch = z.output<typeof tagPatch>;
