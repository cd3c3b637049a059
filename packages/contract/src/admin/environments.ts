/** Environments and their server-side keys, as the admin side speaks of them. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { blankText, dateTime, noMetadata, rowId } from "./fields.ts";

export const environmentSchema = z.object({
  id: z.int(),
  uuid: z.string(),
  name: z.string(),
  api_key: z.string().describe("The client-side key; names the environment in paths and begins every hash."),
  description: z.string().nullable(),
  project: z.int(),
  allow_client_traits: z.boolean().describe("Whether traits sent with the client-side key are stored."),
  hide_disabled_flags: z.boolean().nullable().describe("null: as the project says."),
  hide_sensitive_data: z.boolean(),
  use_identity_composite_key_for_hashing: z.boolean(),
  use_mv_v2_evaluation: z.boolean().describe("The old name of use_identity_composite_key_for_hashing."),
  use_identity_overrides_in_local_eval: z.boolean(),
  use_v2_feature_versioning: z
    .boolean()
    .describe("Always false: a change is live at once, and its history is the audit log."),
  minimum_change_request_approvals: z.int().nullable(),
  identity_retention_days: z
    .int()
    .nullable()
    .describe("Identities that were not seen for so many days are deleted, once a day; null: never."),
  banner_text: z.string().nullable(),
  banner_colour: z.string().nullable(),
  is_creating: z.boolean(),
  metadata: noMetadata,
});

export const environmentDetailSchema = environmentSchema.extend({ total_segment_overrides: z.int() });

/** Server-side keys begin with "ser.", and SDKs tell the two kinds apart by it; a slash would end the key in a path. */
const apiKey = drf.field(z.string().meta({ maxLength: 100 }), (value) => {
  const parsed = drf.parse(drf.string({ maxLength: 100 }), value);
  if (!parsed.ok) return drf.refuse(...(parsed.body as string[]));
  if (parsed.value.startsWith("ser.")) return drf.refuse("A client-side key must not begin with “ser.”.");
  if (!/^[\w.~-]+$/.test(parsed.value) || /^\.+$/.test(parsed.value)) {
    return drf.refuse("Only letters, digits, dots, underscores, tildes and hyphens are allowed.");
  }
  return drf.accept(parsed.value);
});

const name = drf.string({ maxLength: 2000 });

const settings = {
  api_key: apiKey.optional(),
  description: blankText(20_000).optional(),
  allow_client_traits: drf.boolean().optional(),
  hide_disabled_flags: drf.nullableBoolean().optional(),
  hide_sensitive_data: drf.boolean().optional(),
  use_identity_composite_key_for_hashing: drf.boolean().optional(),
  use_identity_overrides_in_local_eval: drf.boolean().optional(),
  minimum_change_request_approvals: drf.integer({ min: 0 }).nullable().optional(),
  identity_retention_days: drf.integer({ min: 1, max: 36_500 }).nullable().optional(),
  banner_text: blankText(255).optional(),
  banner_colour: blankText(7).optional(),
};

export const environmentInput = drf.object({ name, project: rowId(), ...settings });
export const environmentUpdate = drf.object({ name, ...settings });
export const environmentPatch = drf.object({ name: name.optional(), ...settings });
export type EnvironmentPatch = z.output<typeof environmentPatch>;

export const environmentCloneInput = drf.object({
  name,
  clone_feature_states_async: drf.boolean().optional().describe("Taken, and done at once all the same."),
});

export const environmentCloneSchema = environmentSchema.pick({ id: true, name: true, api_key: true, project: true });

const metricSchema = z.object({
  name: z.string(),
  description: z.string(),
  entity: z.string(),
  rank: z.int(),
  value: z.int(),
});

/** Flagsmith documents a page and answers the list; both are here. */
export const environmentMetricsSchema = z.object({
  count: z.int(),
  next: z.null(),
  previous: z.null(),
  results: z.array(z.object({ metrics: z.array(metricSchema) })),
  metrics: z.array(metricSchema),
});

export const environmentKeySchema = z.object({
  id: z.int(),
  key: z.string().describe("The whole key, every time."),
  active: z.boolean(),
  name: z.string(),
  created_at: z.string(),
  expires_at: z.string().nullable(),
});

const keyFields = { active: drf.boolean().optional(), expires_at: dateTime().nullable().optional() };

export const environmentKeyInput = drf.object({ name: drf.string({ maxLength: 100 }), ...keyFields });
export const environmentKeyPatch = drf.object({ name: drf.string({ maxLength: 100 }).optional(), ...keyFields });
export type EnvironmentKeyPatch = z.output<typeof environmentKeyPatch>;
