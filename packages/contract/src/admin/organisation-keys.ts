/** Keys of an organisation (Flagsmith: master API keys): `Authorization: Api-Key PREFIX.SECRET`. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { dateTime } from "./fields.ts";

const fields = {
  expiry_date: dateTime().nullish().describe("Never, unless given."),
  is_admin: drf.boolean().optional().describe("May do everything in the organisation; otherwise its roles decide."),
  revoked: drf.boolean().optional(),
};

export const organisationKeyInput = drf.object({ name: drf.string({ maxLength: 50 }), ...fields });
export const organisationKeyPatch = drf.object({ name: drf.string({ maxLength: 50 }).optional(), ...fields });
export type OrganisationKeyPatch = z.output<typeof organisationKeyPatch>;

export const organisationKeySchema = z.object({
  id: z.string().describe("Its prefix."),
  prefix: z.string().describe("Names the key in paths and logs."),
  created: z.string(),
  name: z.string(),
  revoked: z.boolean(),
  expiry_date: z.string().nullable(),
  has_expired: z.boolean(),
  is_admin: z.boolean(),
  created_by: z.int().nullable().describe("The person who made it."),
  last_used: z.string().nullable().describe("To the minute."),
});

export const newOrganisationKeySchema = organisationKeySchema.extend({
  key: z.string().describe("The key itself: shown once, here."),
});
