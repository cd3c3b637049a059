import { bucket } from "./bucketing.ts";
import type { DocumentSegment, FeatureState, MultivariateValue } from "./document.ts";
import { asList, asNumber, asRecord, isRecord, type JsonRecord } from "./json.ts";
import type { Scalar } from "./operand.ts";
import { pythonText } from "./python-text.ts";
import { type FlagResult, type Metadata, splitReason } from "./result.ts";

/** One way one flag can come out. Stable: the same decision gives the same object, so a server can keep bytes for it. */
export interface Outcome {
  /** Dense, 0 to `compiled.outcomes.length - 1`; -1 for an outcome of `identity.overrides`, made on the spot. */
  readonly index: number;
  readonly flag: FlagResult;
  readonly source: "default" | "segment" | "identity";
  /** The very object of the document that was chosen. */
  readonly state: FeatureState;
  /** The segment whose override won, of source "segment". */
  readonly segment: DocumentSegment | null;
  /** The variant that was hit; null for control and for plain flags. */
  readonly variant: MultivariateValue | null;
}

/** A feature state that may win, with everything it can come out as made beforehand. */
export interface Choice {
  /** Without variants, or with nobody to split by. */
  readonly plain: Outcome;
  readonly split: Split | null;
}

export interface Split {
  /** The key hashed beside the identity's. */
  readonly key: string;
  /** The same with the comma that follows it. */
  readonly prefix: string;
  readonly control: Outcome;
  readonly shares: readonly Share[];
}

/** A variant holds the percentages from `start` up to, not including, `limit`. */
export interface Share {
  readonly start: number;
  readonly limit: number;
  readonly weight: number;
  readonly outcome: Outcome;
}

/** A feature context (as read, so anything may be missing) and where in a document it came from. */
export interface FeatureSource {
  readonly context: JsonRecord;
  readonly state: FeatureState;
  /** The document's variants, in the order of `context.variants`. Empty if there is no document. */
  readonly variants: readonly MultivariateValue[];
}

/** What the outcomes of one choice have in common. */
export interface Placement {
  readonly name: string;
  readonly reason: string;
  readonly source: Outcome["source"];
  readonly segment: DocumentSegment | null;
  /** Gives the outcome its index and keeps it. */
  readonly register: (outcome: Omit<Outcome, "index">) => Outcome;
}

export function createChoice(feature: FeatureSource, placement: Placement): Choice {
  const { context } = feature;
  const outcome = (reason: string, value: unknown, variantKey: string | null, variant: MultivariateValue | null) =>
    placement.register({
      flag: createFlag(context, placement.name, reason, value, variantKey),
      source: placement.source,
      state: feature.state,
      segment: placement.segment,
      variant,
    });
  const plain = outcome(placement.reason, context.value, null, null);
  const variants = sortedVariants(feature);
  if (variants.length === 0) return { plain, split: null };
  const key = pythonText(context.key ?? "");
  const control = outcome(placement.reason, context.value, "control", null);
  let start = 0;
  const shares = variants.map(({ context: variant, origin }) => {
    const weight = asNumber(variant.weight) ?? 0;
    const share = {
      start,
      limit: weight + start,
      weight,
      outcome: outcome(splitReason(weight), variant.value, textOrNull(variant.key), origin),
    };
    start = share.limit;
    return share;
  });
  return { plain, split: { key, prefix: `${key},`, control, shares } };
}

/** The outcome for an identity key. Half-open shares: a percentage on a boundary belongs to the next variant. */
export function settle(choice: Choice, key: string | null): Outcome {
  const { split } = choice;
  if (split === null || key === null) return choice.plain;
  return settleAt(split, bucket(split.prefix, key));
}

function settleAt({ shares, control }: Split, percentage: number): Outcome {
  for (let index = 0; index < shares.length; index += 1) {
    const share = shares[index] as Share;
    if (share.start <= percentage && percentage < share.limit) return share.outcome;
  }
  return control;
}

interface SortableVariant {
  readonly context: JsonRecord;
  readonly origin: MultivariateValue | null;
  readonly priority: number | bigint;
}

/** Ascending priority; equal ones stay as given, missing ones come last. */
function sortedVariants({ context, variants }: FeatureSource): readonly SortableVariant[] {
  return asList(context.variants)
    .map((item, index): SortableVariant => {
      const variant = asRecord(item);
      return { context: variant, origin: variants[index] ?? null, priority: priorityOf(variant.priority) };
    })
    .toSorted((a, b) => (a.priority < b.priority ? -1 : a.priority > b.priority ? 1 : 0));
}

function priorityOf(value: unknown): number | bigint {
  return typeof value === "bigint" ? value : (asNumber(value) ?? Number.POSITIVE_INFINITY);
}

function createFlag(
  context: JsonRecord,
  name: string,
  reason: string,
  value: unknown,
  variant: string | null,
): FlagResult {
  const metadata = metadataOf(context.metadata);
  const flag = { name, enabled: context.enabled === true, value: (value ?? null) as Scalar, reason, variant };
  return Object.freeze(metadata === null ? flag : { ...flag, metadata });
}

/** Empty metadata is left out of results. */
export function metadataOf(value: unknown): Metadata | null {
  return isRecord(value) && Object.keys(value).length > 0 ? value : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
