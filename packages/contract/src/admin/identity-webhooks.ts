/** The identity integration: each remote evaluation of an identity, told to one address an environment. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { webhookUrl } from "./webhooks.ts";

const secret = drf.string({ maxLength: 255, allowBlank: true, trim: false });

export const identityWebhookInput = drf.object({
  url: webhookUrl(),
  secret: secret.optional().describe("Signs what is sent."),
});
export const identityWebhookPatch = drf.object({ url: webhookUrl().optional(), secret: secret.optional() });

export const identityWebhookSchema = z.object({
  id: z.int(),
  url: z.string(),
  secret: z.string(),
});
