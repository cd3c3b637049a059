/** What SDKs report of the flags they evaluated: analytics v1 (a flat object of counts) and v2 (a list of evaluations). */
import * as drf from "../drf/index.ts";
import { pythonTypeName } from "../python/python-text.ts";
import { type Reading, readWith, refusal } from "./result.ts";

/** A number of evaluations of one feature. `enabled` and `identifier` are null where the report does not say. */
export interface FeatureReport {
  featureName: string;
  enabled: boolean | null;
  count: number;
  identifier: string | null;
}

const maxCount = 2147483647;

/**
 * Reads POST /api/v1/analytics/flags/. Counts that are no ints of 32 bits are skipped, as are names no feature can have.
 * Never throws.
 */
export function readAnalyticsV1(body: unknown): Reading<FeatureReport[]> {
  if (body === null) return refusal({ [drf.nonFieldErrors]: [drf.messages.noData] });
  if (pythonTypeName(body) !== "dict") return refusal({ [drf.nonFieldErrors]: ["Expected a JSON object."] });
  const reports: FeatureReport[] = [];
  for (const [featureName, count] of Object.entries(body as object)) {
    if (isCount(count) && drf.characterFaults(featureName).length === 0) {
      reports.push({ featureName, enabled: null, count, identifier: null });
    }
  }
  return { ok: true, value: reports };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= maxCount;
}

export const analyticsV2Schema = drf.object({
  evaluations: drf
    .many(
      drf.object({
        feature_name: drf.string().describe("Name of the feature, exactly."),
        identity_identifier: drf.string().optional().describe("Whom it was evaluated for."),
        enabled_when_evaluated: drf.boolean().describe("Whether it was on."),
        count: drf.integer().describe("How many times."),
      }),
    )
    .describe("What was evaluated since the last report."),
});

/** Reads POST /api/v2/analytics/flags/. Never throws. */
export function readAnalyticsV2(body: unknown): Reading<FeatureReport[]> {
  const reading = readWith(analyticsV2Schema, body);
  if (!reading.ok) return reading;
  const reports = reading.value.evaluations.map((evaluation) => ({
    featureName: evaluation.feature_name,
    enabled: evaluation.enabled_when_evaluated,
    count: evaluation.count,
    identifier: evaluation.identity_identifier ?? null,
  }));
  return { ok: true, value: reports };
}
