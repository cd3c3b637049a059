/** What a flag's new state has to obey, named where the body says it. */
import {
  type FlagDefaultInput,
  type FlagInput,
  type FlagOverrideInput,
  maxPercentageSum,
} from "@burgee/contract/admin";
import { isEmpty } from "../../db/differing.ts";
import { badRequest } from "../../http/admin-door.ts";
import type { FeatureRow } from "./features.store.ts";
import type { OptionRow } from "./options.store.ts";
import { sumOf } from "./state-changes.ts";

interface Known {
  readonly feature: FeatureRow;
  readonly options: readonly OptionRow[];
  readonly segments: ReadonlyMap<number, { readonly feature_id: number | null }>;
  /** Whether what is left out is reset. */
  readonly replace: boolean;
}

type Errors = Readonly<Record<string, unknown>>;

const ALL_VARIANTS = "Must include all feature's variants.";

function variantFault(variants: FlagDefaultInput["variants"], { feature, options }: Known): string | undefined {
  if (variants === undefined) return undefined;
  if (feature.type !== "MULTIVARIATE") return "Feature is not multivariate.";
  const known = new Set(options.map((option) => option.id));
  if (variants.some(({ id }) => !known.has(id))) return "Variant not found.";
  const given = new Set(variants.map(({ id }) => id));
  if (given.size < known.size) return ALL_VARIANTS;
  if (given.size < variants.length) return "Each variant may be named once.";
  return sumOf(variants.map(({ weight }) => weight)) > maxPercentageSum
    ? "Total weight must not exceed 100."
    : undefined;
}

function defaultErrors(wanted: FlagDefaultInput, known: Known): Errors {
  const lacksVariants = known.replace && known.options.length > 0 && wanted.variants === undefined;
  const fault = lacksVariants ? ALL_VARIANTS : variantFault(wanted.variants, known);
  return fault === undefined ? {} : { variants: [fault] };
}

function overrideErrors(wanted: FlagOverrideInput, known: Known): Errors {
  const segment = known.segments.get(wanted.segment.id);
  const isOthers = segment && segment.feature_id !== null && segment.feature_id !== known.feature.id;
  const fault = variantFault(wanted.variants, known);
  return {
    ...(!segment || isOthers ? { segment: { id: ["Segment not found."] } } : {}),
    ...(fault === undefined ? {} : { variants: [fault] }),
  };
}

export function refuseBadFlag(
  { environment_default: wanted, segment_overrides: overrides = [] }: FlagInput,
  known: Known,
): void {
  const errors: Record<string, unknown> = {};
  const ofDefault = wanted ? defaultErrors(wanted, known) : {};
  if (!isEmpty(ofDefault)) errors["environment_default"] = ofDefault;
  const ofOverrides = overrides.map((override) => overrideErrors(override, known));
  const seen = new Set<number>();
  const twice = overrides.find(({ segment: { id } }) => seen.has(id) || !seen.add(id));
  if (ofOverrides.some((fault) => !isEmpty(fault))) errors["segment_overrides"] = ofOverrides;
  else if (twice) errors["segment_overrides"] = [`Duplicate segment: ${twice.segment.id}.`];
  if (!isEmpty(errors)) throw badRequest(errors);
}
