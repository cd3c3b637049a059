/** Who is in a segment, and where a segment is used. */
import { z } from "zod";
import * as drf from "../drf/index.ts";
import { rowId } from "./fields.ts";
import { scalarValue } from "./values.ts";

export const memberLimits = {
  /** Members on one page, as stock clients ask for them. */
  page: 100,
  mostOnPage: 200,
  /** Members shown beside an estimate. */
  sample: 10,
} as const;

export const membersQuery = drf.object({
  environment: rowId(),
  cursor: drf.string({ maxLength: 4000 }).optional().describe("next_cursor of the page before."),
  q: drf.string({ maxLength: 2000 }).optional().describe("Part of the identifier, any case."),
  limit: drf.integer({ min: 1, max: memberLimits.mostOnPage }).optional(),
});

export const membersSchema = z.object({
  results: z.array(
    z.object({ identifier: z.string(), identity_key: z.string(), traits: z.record(z.string(), scalarValue) }),
  ),
  next_cursor: z
    .string()
    .nullable()
    .describe(
      "Where the next page begins; a page may be short, or empty, and still have one: the search ran out of time.",
    ),
});

export const segmentPreviewQuery = drf.object({
  segment: rowId().optional().describe("The segment whose rules these are to be: percentages are taken by its id."),
});

/** As the engine finds them in rules. */
export const ruleFaultSchema = z.object({
  path: z.array(z.int()).describe("Indexes from the root down: of rules, and last of a condition where isCondition."),
  isCondition: z.boolean(),
  code: z.enum(["never", "always", "conflict", "regex", "number", "semver", "percentage", "modulo", "empty"]),
  message: z.string(),
});

export const segmentPreviewSchema = z.object({
  estimate: z.object({
    count: z.int().describe("Identities of the environment that are probably in it."),
    total: z.int().describe("Identities the environment has, or about has."),
    percent: z.number(),
    margin: z.number().describe("Percentage points that the truth may lie off, 95 times in 100; 0 = counted."),
  }),
  sample: z.array(z.object({ identifier: z.string() })),
  warnings: z.array(ruleFaultSchema),
});

export const whereUsedSchema = z.object({
  results: z.array(
    z.object({
      feature: z.object({ id: z.int(), name: z.string() }),
      environment: z.object({ id: z.int(), name: z.string(), api_key: z.string() }),
      enabled: z.boolean(),
      value: scalarValue,
      priority: z.int().describe("0 goes first."),
      feature_state: z.int(),
      feature_segment: z.int(),
    }),
  ),
  total: z.int(),
});
