/** Rows of usage as charts: every day of the period, the SDKs with the most first. */
import type { Usage, UsageSdkCount } from "@burgee/contract/admin";
import type { EvaluationRow, FeatureTotal, RequestRow } from "./usage-admin.store.ts";

const DAY_MS = 86_400_000;
const MAX_SDKS = 20;
const OTHERS = "others";

const dayText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

interface Counted {
  readonly day: number;
  readonly sdk: string;
  readonly count: number;
}

export const sumOf = (rows: readonly { readonly count: number }[]): number =>
  rows.reduce((sum, row) => sum + row.count, 0);

function bySdk(rows: readonly Counted[], nameOf: (sdk: string) => string): UsageSdkCount[] {
  const sums = new Map<string, number>();
  for (const { sdk, count } of rows) sums.set(nameOf(sdk), (sums.get(nameOf(sdk)) ?? 0) + count);
  return [...sums]
    .map(([sdk, count]) => ({ sdk, count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.sdk < b.sdk ? -1 : 1));
}

/** The first 20 of the period keep their names on every day, the rest are one. */
function sdkNames(rows: readonly Counted[]): (sdk: string) => string {
  const plain = (sdk: string) => sdk || "unknown";
  const kept = new Set(
    bySdk(rows, plain)
      .slice(0, MAX_SDKS)
      .map(({ sdk }) => sdk),
  );
  return (sdk) => (kept.has(plain(sdk)) ? plain(sdk) : OTHERS);
}

const daysOf = ([first, last]: readonly [number, number]): number[] =>
  Array.from({ length: last - first + 1 }, (_, offset) => first + offset);

function presentEvaluations(rows: readonly EvaluationRow[], period: readonly [number, number]): Usage["evaluations"] {
  const names = sdkNames(rows);
  const byDay = Map.groupBy(rows, (row) => row.day);
  const days = daysOf(period).map((day) => {
    const of = byDay.get(day) ?? [];
    const said = (enabled: number) => sumOf(of.filter((row) => row.enabled === enabled));
    const counts = { enabled: said(1), disabled: said(0), unknown: said(-1) };
    return { day: dayText(day), total: sumOf(of), ...counts, sdks: bySdk(of, names) };
  });
  return { total: sumOf(rows), sdks: bySdk(rows, names), days };
}

function resourcesOf(rows: readonly RequestRow[]) {
  const of = (resource: string) => sumOf(rows.filter((row) => row.resource === resource));
  return {
    flags: of("flags"),
    identities: of("identities"),
    traits: of("traits"),
    environment_document: of("environment-document"),
    ofrep: of("ofrep"),
  };
}

function presentRequests(rows: readonly RequestRow[], period: readonly [number, number]): Usage["requests"] {
  const names = sdkNames(rows);
  const byDay = Map.groupBy(rows, (row) => row.day);
  const days = daysOf(period).map((day) => {
    const of = byDay.get(day) ?? [];
    return { day: dayText(day), total: sumOf(of), resources: resourcesOf(of), sdks: bySdk(of, names) };
  });
  return { total: sumOf(rows), sdks: bySdk(rows, names), days };
}

export interface UsageRows {
  readonly feature: { readonly id: number; readonly name: string } | undefined;
  /** The first and the last day. */
  readonly period: readonly [number, number];
  readonly evaluations: readonly EvaluationRow[];
  readonly requests: readonly RequestRow[];
  readonly features: readonly FeatureTotal[];
}

export function presentUsage({ feature, period, evaluations, requests, features }: UsageRows): Usage {
  return {
    feature: feature ?? null,
    from: dayText(period[0]),
    to: dayText(period[1]),
    evaluations: presentEvaluations(evaluations, period),
    requests: presentRequests(requests, period),
    features: [...features],
  };
}

/** Flagsmith's list: a line for each day and SDK that asked at all. OFREP's answers are flags of an identity. */
export function presentUsageData(rows: readonly RequestRow[]) {
  const groups = Map.groupBy(rows, ({ day, sdk }) => `${day} ${sdk}`);
  return [...groups.values()].map((of) => {
    const { ofrep, identities, ...counts } = resourcesOf(of);
    const [first] = of;
    return {
      day: dayText(first?.day ?? 0),
      ...counts,
      identities: identities + ofrep,
      labels: { client_application_name: null, client_application_version: null, user_agent: first?.sdk || null },
    };
  });
}
