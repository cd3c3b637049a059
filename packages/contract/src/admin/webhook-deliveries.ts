/** What was sent to a webhook, what it answered, and what is still to be sent. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { WEBHOOK_EVENTS } from "./webhooks.ts";

export const DELIVERY_STATES = ["pending", "delivered", "failed"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export const deliveriesQuery = drf.object({
  state: drf.choice(DELIVERY_STATES).optional(),
  event: drf.choice(WEBHOOK_EVENTS).optional(),
  cursor: drf.string({ maxLength: 100 }).optional().describe("The `next` of the page before."),
  limit: drf.integer({ min: 1, max: 200 }).optional().describe("50 unless given."),
});
export type DeliveriesQuery = z.output<typeof deliveriesQuery>;

export const deliverySchema = z.object({
  id: z.int(),
  message_id: z.string().describe("As sent in the header webhook-id; a redelivery carries it again."),
  event_type: z.enum(WEBHOOK_EVENTS),
  object: z.string().describe('What it is about: "feature:12", "identity:ada". Of one object they arrive in order.'),
  state: z.enum(DELIVERY_STATES).describe("failed: given up."),
  created_at: z.string(),
  finished_at: z.string().nullable(),
  attempts: z.int().describe("How often it was tried."),
  next_attempt_at: z
    .string()
    .nullable()
    .describe("While pending; later still where an earlier event of its object waits."),
  last_status: z.int().nullable().describe("What the receiver answered last; null where it did not answer."),
  last_error: z.string().nullable().describe("Why the last attempt failed, as a sentence."),
  redelivery_of: z.int().nullable().describe("Id of the delivery that this one repeats."),
});

export const deliveryPageSchema = z.object({
  results: z.array(deliverySchema).describe("Newest first."),
  next: z.string().nullable().describe("Cursor of the next page."),
});

export const deliveryAttemptSchema = z.object({
  number: z.int().describe("From 1."),
  at: z.string(),
  duration_ms: z.int(),
  status: z.int().nullable(),
  error: z.string().nullable(),
  request_headers: z.record(z.string(), z.string()),
  response_headers: z.record(z.string(), z.string()).describe("The first of them."),
  response_body: z.string().nullable().describe("Its beginning."),
});

export const deliveryDetailSchema = deliverySchema.extend({
  url: z.string().describe("Where it goes, as the webhook says now."),
  body: z.string().describe("To the letter, as it is signed."),
  tries: z.array(deliveryAttemptSchema).describe("Newest first, the last 20."),
});
