/** Where changes are told to: of an environment, or of a whole organisation. */
import { z } from "zod";
import * as drf from "../drf/index.ts";

/** What Flagsmith sends, and a webhook without a filter gets; AUDIT_LOG_CREATED goes to organisations' webhooks only. */
export const FLAGSMITH_EVENTS = ["FLAG_UPDATED", "FLAG_DELETED", "AUDIT_LOG_CREATED"] as const;

/** Everything that a webhook's filter may name. */
export const WEBHOOK_EVENTS = [
  ...FLAGSMITH_EVENTS,
  "NEW_VERSION_PUBLISHED",
  "IDENTITY_CREATED",
  "IDENTITY_DELETED",
  "TRAITS_UPDATED",
  "IDENTITY_OVERRIDE_UPDATED",
  "IDENTITY_OVERRIDE_DELETED",
  "SEGMENT_CREATED",
  "SEGMENT_UPDATED",
  "SEGMENT_DELETED",
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** http or https, without a password in it. Where it leads is the server's to check. */
export function webhookUrl(): drf.Field<string> {
  const text = drf.string({ maxLength: 200 });
  return drf.field(z.string().meta({ format: "uri", maxLength: 200 }), (value) => {
    const parsed = drf.parse(text, value);
    if (!parsed.ok) return drf.refuse(...(parsed.body as string[]));
    // URLs are read without line breaks; what is kept and shown has to be what is called.
    if (/\s/.test(parsed.value) || !URL.canParse(parsed.value)) return drf.refuse("Enter a valid URL.");
    const { protocol, hostname, username, password } = new URL(parsed.value);
    const isFine = /^https?:$/.test(protocol) && hostname !== "" && username === "" && password === "";
    return isFine ? drf.accept(parsed.value) : drf.refuse("Enter a valid URL.");
  });
}

const fields = {
  enabled: drf.boolean().optional().describe("Yes, unless given. Setting it again starts a webhook that was stopped."),
  secret: drf.string({ maxLength: 255, allowBlank: true, trim: false }).optional().describe("Signs what is sent."),
  events: drf
    .list(drf.choice(WEBHOOK_EVENTS), { allowEmpty: false, maxLength: 50 })
    .nullish()
    .describe("Only these are sent. null: those that Flagsmith would send."),
};

const named = { name: drf.string({ maxLength: 100, allowBlank: true }).nullish() };

export const webhookInput = drf.object({ url: webhookUrl(), ...fields });
export const webhookPatch = drf.object({ url: webhookUrl().optional(), ...fields });
export const organisationWebhookInput = drf.object({ url: webhookUrl(), ...fields, ...named });
export const organisationWebhookPatch = drf.object({ url: webhookUrl().optional(), ...fields, ...named });

export interface WebhookPatch {
  readonly events?: readonly WebhookEvent[] | null | undefined;
  readonly url?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly secret?: string | undefined;
  readonly name?: string | null | undefined;
}

export const webhookSchema = z.object({
  id: z.int(),
  url: z.string(),
  enabled: z.boolean(),
  secret: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  events: z.array(z.enum(WEBHOOK_EVENTS)).nullable().describe("null: those that Flagsmith would send."),
  status: z
    .enum(["active", "failing", "paused", "disabled"])
    .describe("failing: the last attempt failed. paused: by a person. disabled: by the server, after long failure."),
  failing_since: z.string().nullable().describe("When the first of the failures came that nothing has ended since."),
  last_delivered_at: z.string().nullable(),
  disabled_at: z.string().nullable().describe("When the server stopped it; nothing is sent until it is enabled again."),
  disabled_reason: z.string().nullable().describe("As a sentence."),
  waiting: z.int().describe("Events that are still to be delivered."),
});

export const organisationWebhookSchema = webhookSchema.extend({ name: z.string().nullable() });

export const testWebhookInput = drf.object({
  webhook_url: webhookUrl(),
  secret: drf.string({ maxLength: 255, allowBlank: true, trim: false }).nullish(),
  scope: drf.object({
    type: drf.choice(["organisation", "environment"]),
    id: drf.string({ maxLength: 100 }).describe("The organisation's id, or the environment's id or client-side key."),
  }),
});

export const testWebhookSchema = z.object({ detail: z.string(), status: z.int() });
export const testWebhookFailureSchema = z.object({
  detail: z.string(),
  status: z.int(),
  body: z.string().nullable().describe("The beginning of what was answered."),
});
