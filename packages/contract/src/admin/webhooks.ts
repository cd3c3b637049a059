/** Where changes are told to: of an environment, or of a whole organisation. */
import { z } from "zod";
import * as drf from "../drf/index.ts";

/** http or https, without a password in it. Where it leads is the server's to check. */
export function webhookUrl(): drf.Field<string> {
  const text = drf.string({ maxLength: 200 });
  return drf.field(z.string().meta({ format: "uri", maxLength: 200 }), (value) => {
    const parsed = drf.parse(text, value);
    if (!parsed.ok) return drf.refuse(...(parsed.body as string[]));
    if (!URL.canParse(parsed.value)) return drf.refuse("Enter a valid URL.");
    const { protocol, hostname, username, password } = new URL(parsed.value);
    const isFine = /^https?:$/.test(protocol) && hostname !== "" && username === "" && password === "";
    return isFine ? drf.accept(parsed.value) : drf.refuse("Enter a valid URL.");
  });
}

const fields = {
  enabled: drf.boolean().optional().describe("Yes, unless given."),
  secret: drf.string({ maxLength: 255, allowBlank: true, trim: false }).optional().describe("Signs what is sent."),
};

const named = { name: drf.string({ maxLength: 100, allowBlank: true }).nullish() };

export const webhookInput = drf.object({ url: webhookUrl(), ...fields });
export const webhookPatch = drf.object({ url: webhookUrl().optional(), ...fields });
export const organisationWebhookInput = drf.object({ url: webhookUrl(), ...fields, ...named });
export const organisationWebhookPatch = drf.object({ url: webhookUrl().optional(), ...fields, ...named });

export interface WebhookPatch {
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
