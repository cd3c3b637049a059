/** Organisations, as the admin side speaks of them. */
import { z } from "zod";
import * as drf from "../drf/index.ts";

export const organisationSchema = z.object({
  id: z.int(),
  uuid: z.string(),
  name: z.string(),
  created_date: z.string(),
  webhook_notification_email: z.string().nullable(),
  num_seats: z.int().describe("Members."),
  role: z.enum(["ADMIN", "USER"]).nullable().describe("The caller's."),
  persist_trait_data: z.boolean().describe("Whether traits are stored."),
  block_access_to_admin: z.boolean(),
  restrict_project_create_to_admin: z.boolean(),
  force_2fa: z.boolean(),
  feature_analytics: z.boolean(),
  stop_serving_flags: z.boolean().describe("SDKs of all its environments are refused."),
});

const email = drf.field(z.email(), (value) => {
  const parsed = drf.parse(z.email(), typeof value === "string" ? value.trim() : value);
  return parsed.ok ? drf.accept(parsed.value) : drf.refuse("Enter a valid email address.");
});

const settings = {
  webhook_notification_email: email.nullable().optional(),
  persist_trait_data: drf.boolean().optional(),
  restrict_project_create_to_admin: drf.boolean().optional(),
  force_2fa: drf.boolean().optional(),
  feature_analytics: drf.boolean().optional(),
  stop_serving_flags: drf.boolean().optional(),
};

export const organisationInput = drf.object({ name: drf.string({ maxLength: 2000 }), ...settings });
export const organisationPatch = drf.object({ name: drf.string({ maxLength: 2000 }).optional(), ...settings });
export type OrganisationPatch = z.output<typeof organisationPatch>;

export const subscriptionMetadataSchema = z
  .object({
    max_seats: z.int().nullable(),
    max_api_calls: z.int().nullable(),
    max_projects: z.int().nullable(),
    payment_source: z.string().nullable(),
    chargebee_email: z.string().nullable(),
  })
  .describe("Nothing is sold here: every limit is null, which is none.");
