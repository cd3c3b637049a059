/** How much is asked and evaluated: an environment's charts, and an organisation's requests as Flagsmith lists them. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { rowId } from "./fields.ts";

export const maxUsageDays = 366;

export const usageQuery = drf.object({
  feature: drf
    .string({ maxLength: 2000 })
    .optional()
    .describe("One feature, by its number or its name; all of them unless given."),
  days: drf.integer({ min: 1, max: maxUsageDays }).optional().describe("Up to today; 30 unless given."),
});

const sdkCount = z.object({
  sdk: z
    .string()
    .describe(
      '"flagsmith-js-sdk/9.1.0"; "ofrep" for OpenFeature clients, "unknown" for others, "others" past the first 20.',
    ),
  count: z.int(),
});

const evaluationDay = z.object({
  day: z.string().describe("YYYY-MM-DD, UTC."),
  total: z.int(),
  enabled: z.int(),
  disabled: z.int(),
  unknown: z.int().describe("The SDK did not say which."),
  sdks: z.array(sdkCount).describe("The most first; none that are zero."),
});

const requestDay = z.object({
  day: z.string().describe("YYYY-MM-DD, UTC."),
  total: z.int(),
  resources: z.object({
    flags: z.int(),
    identities: z.int(),
    traits: z.int(),
    environment_document: z.int(),
    ofrep: z.int(),
  }),
  sdks: z.array(sdkCount),
});

export const usageSchema = z.object({
  feature: z.object({ id: z.int(), name: z.string() }).nullable().describe("The one asked for; null for all."),
  from: z.string().describe("The first day, YYYY-MM-DD, UTC."),
  to: z.string().describe("The last day: today."),
  evaluations: z
    .object({
      total: z.int(),
      sdks: z.array(sdkCount).describe("Over all days, the most first."),
      days: z.array(evaluationDay).describe("Every day, the oldest first, also those without any."),
    })
    .describe("What SDKs reported to have evaluated, and what was asked here one flag at a time."),
  requests: z
    .object({ total: z.int(), sdks: z.array(sdkCount), days: z.array(requestDay) })
    .describe("Requests of the whole environment; each but traits' got every flag or one."),
  features: z
    .array(z.object({ id: z.int(), name: z.string(), count: z.int() }))
    .describe("The most evaluated first, at most 100; empty where one feature was asked for."),
});

export type Usage = z.output<typeof usageSchema>;
export type UsageSdkCount = z.output<typeof sdkCount>;

const periods = ["current_billing_period", "previous_billing_period", "90_day_period"] as const;

export const usageDataQuery = drf.object({
  project_id: rowId().optional(),
  environment_id: rowId().optional(),
  period: drf
    .choice(periods)
    .optional()
    .describe(
      "Nobody is billed: the current period is the last 30 days, which it is unless given, the previous the 30 before.",
    ),
  user_agent: drf.string({ allowBlank: true }).optional().describe("One SDK, as it names itself."),
});
export type UsageDataQuery = z.output<typeof usageDataQuery>;

export const usageDataSchema = z.array(
  z.object({
    day: z.string().describe("YYYY-MM-DD, UTC."),
    flags: z.int(),
    identities: z.int(),
    traits: z.int(),
    environment_document: z.int(),
    labels: z
      .object({
        client_application_name: z.null(),
        client_application_version: z.null(),
        user_agent: z.string().nullable(),
      })
      .nullable(),
  }),
);

export const usageTotalSchema = z.object({ count: z.int().describe("Requests in the last 30 days.") });
