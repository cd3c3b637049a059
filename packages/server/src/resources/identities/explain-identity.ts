/** The engine's trace as the admin side tells it: with names and numbers for keys, authors for overrides, and plain words. */
import {
  type Explanation,
  type RuleTrace,
  type SegmentReason,
  summariseFlag,
  summariseSegment,
  type UnsummarisedFlag,
} from "@burgee/contract/admin";
import {
  type ConditionTrace,
  type RuleTrace as EngineRule,
  type SegmentTrace as EngineSegment,
  explain,
  type FlagTrace,
  type Winner,
} from "@burgee/engine";
import { isoMicros } from "../../documents/load.ts";
import type { FeatureInfo, LoadedEnvironment } from "../../documents/loaded.ts";
import { applies, overrideState } from "../../documents/states.ts";
import type { Traits } from "./effective-traits.ts";
import type { OverrideRecord } from "./overrides.store.ts";
import { presentRecordTraits } from "./present-record.ts";

export interface Asked {
  readonly identifier: string;
  /** null = not stored. */
  readonly id: number | null;
  readonly traits: Traits;
  /** Expired ones too. */
  readonly overrides: readonly OverrideRecord[];
  /** Only this one; all unless given. */
  readonly featureId?: number | undefined;
}

export interface Teller {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether traits, and what tells them, may be told. */
  readonly showsTraits: boolean;
  /** What an actor is called. */
  readonly nameOf: (actor: string | null) => string | null;
}

const splitOf = ({ split }: FlagTrace): UnsummarisedFlag["split"] => {
  if (split === null) return null;
  const hit = split.variants.find((variant) => variant.hit);
  if (hit) return { bucket: split.percentage, threshold_low: hit.start, threshold_high: hit.limit };
  // Control has what is left, which lies behind all variants.
  const low = Math.min(100, split.variants.at(-1)?.limit ?? 0);
  return { bucket: split.percentage, threshold_low: low, threshold_high: 100 };
};

const segmentOf = ({ segment, segmentKey, priority }: Extract<Winner, { readonly source: "segment" }>) => ({
  id: Number(segmentKey),
  name: segment,
  priority,
});

const traceOf = ({ result, split, lost }: FlagTrace): UnsummarisedFlag["trace"] => ({
  reason: result.reason,
  variants: (split?.variants ?? []).map((variant) => ({
    key: variant.variant,
    value: variant.value,
    weight: variant.weight,
    threshold_low: variant.start,
    threshold_high: variant.limit,
    hit: variant.hit,
  })),
  lost: lost.map(({ override, because }) => ({
    source: override.source === "identity" ? "override" : "segment",
    segment: override.source === "segment" ? segmentOf(override) : null,
    because,
  })),
});

const day = (millis: number): string => isoMicros(millis, "Z");

function overrideFields(
  row: OverrideRecord | undefined,
  { now, nameOf }: Teller,
): Pick<UnsummarisedFlag, "override" | "expired_override"> {
  if (!row) return { override: null, expired_override: null };
  const known = { updated_by: nameOf(row.updated_by), reason: row.reason };
  const expires_at = row.expires_at === null ? null : day(row.expires_at);
  if (applies(row, now)) {
    return { override: { ...known, updated_at: day(row.updated_at), expires_at }, expired_override: null };
  }
  return { override: null, expired_override: { ...known, expires_at: expires_at ?? day(now) } };
}

const sourceOf = ({ winner, split }: FlagTrace): UnsummarisedFlag["source"] => {
  if (winner.source === "identity") return "override";
  if (winner.source === "segment") return "segment";
  return split === null ? "default" : "split";
};

function tellFlag(
  trace: FlagTrace,
  feature: FeatureInfo,
  override: OverrideRecord | undefined,
  environment: LoadedEnvironment,
  teller: Teller,
): Explanation["flags"][number] {
  const { result, winner, split } = trace;
  const flag: UnsummarisedFlag = {
    feature: { id: feature.id, name: feature.name, type: feature.type },
    enabled: result.enabled,
    value: result.value,
    source: sourceOf(trace),
    segment: winner.source === "segment" ? segmentOf(winner) : null,
    variant: split === null ? null : { key: result.variant, value: result.value },
    split: splitOf(trace),
    ...overrideFields(override, teller),
    trace: traceOf(trace),
  };
  return { ...flag, summary: summariseFlag(flag, environment.name) };
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

const tellCondition = ({ property, operator, value, operand, matched, split }: ConditionTrace) => ({
  property,
  operator,
  value: textOf(value),
  operand,
  held: matched,
  split: split === null ? null : { bucket: split.percentage, threshold: split.threshold },
});

const tellRule = (rule: EngineRule): RuleTrace => ({
  type: rule.type,
  held: rule.matched,
  conditions: rule.conditions.map(tellCondition),
  rules: rule.rules.map(tellRule),
});

function tellSegment({ key, name, matched, rules }: EngineSegment, showsTraits: boolean): SegmentReason {
  const segment = { id: Number(key), name, is_member: matched };
  if (!showsTraits) return { ...segment, summary: matched ? "In it." : "Not in it.", trace: null };
  const told = rules.map(tellRule);
  return { ...segment, summary: summariseSegment(matched, told), trace: { rules: told } };
}

/** A legacy environment hashes the number, and Python's text for none where there is none; as identify does. */
const hashKey = (environment: LoadedEnvironment, id: number | null): { key?: string } =>
  environment.compositeHashKey ? {} : { key: id === null ? "None" : String(id) };

export function explainIdentity(environment: LoadedEnvironment, asked: Asked, teller: Teller): Explanation {
  const { identifier, id, traits, featureId } = asked;
  const live = asked.overrides.filter((row) => applies(row, teller.now));
  const overrides = live.flatMap((row) => overrideState(environment, row) ?? []);
  const trace = explain(environment.compiled, { identifier, traits, overrides, ...hashKey(environment, id) });
  const rows = new Map(asked.overrides.map((row) => [row.feature_id, row]));
  const byName = new Map([...environment.features.values()].map((feature) => [feature.name, feature]));
  const flags = trace.flags.flatMap((flag) => {
    const feature = byName.get(flag.name);
    if (!feature || (featureId !== undefined && feature.id !== featureId)) return [];
    return [tellFlag(flag, feature, rows.get(feature.id), environment, teller)];
  });
  return {
    identity: {
      identifier,
      is_known: id !== null,
      traits: teller.showsTraits ? presentRecordTraits(traits) : [],
      traits_hidden: !teller.showsTraits,
    },
    environment: { id: environment.id, name: environment.name },
    revision: environment.revision,
    flags,
    segments: trace.segments.map((segment) => tellSegment(segment, teller.showsTraits)),
  };
}
