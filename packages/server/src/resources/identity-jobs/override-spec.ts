/** What an override is to be, from what was asked for and what everybody gets: the same for a job, and for a row of a file. */
import { readFlagValue } from "@burgee/contract/admin";
import type { GivenFields, OverrideRow } from "./bulk.store.ts";
import type { DefaultRow, FeatureRow, OptionRow } from "./features.store.ts";

/** As it was asked for; what is undefined stays as it is, and is the environment's default in a new override. */
export interface OverrideAsked {
  readonly enabled?: boolean | undefined;
  readonly value?: unknown;
  readonly variant?: string | null | undefined;
  readonly reason?: string | null | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | null | undefined;
}

export interface OverrideSpec {
  readonly enabled: 0 | 1;
  readonly value: string;
  readonly variants: string;
  readonly reason: string | null;
  readonly expiresAt: number | null;
  readonly given: GivenFields;
}

export interface KnownFeature extends FeatureRow {
  readonly options: readonly OptionRow[];
  readonly base: DefaultRow | undefined;
}

type Problem = { readonly field: "value" | "variant"; readonly problem: string };

interface Share {
  readonly option_id: number;
  readonly percentage_allocation: number;
}

/** The same variants are the same text, so that nothing is changed that is as asked already. */
const writeShares = (shares: readonly Share[]): string =>
  JSON.stringify(
    shares.map((share, i) => ({
      id: i + 1,
      uuid: `00000000-0000-4000-8000-${share.option_id.toString(16).padStart(12, "0")}`,
      option_id: share.option_id,
      percentage_allocation: share.percentage_allocation,
    })),
  );

const CONTROL = "control";

export function specify(feature: KnownFeature, asked: OverrideAsked): OverrideSpec | Problem {
  const { base, options } = feature;
  const pins = asked.variant !== undefined && asked.variant !== null;
  if (pins && asked.value !== undefined) return { field: "variant", problem: "Give a value or a variant, not both." };
  const option = options.find(({ key }) => key === asked.variant);
  if (pins && !option && asked.variant !== CONTROL) {
    return { field: "variant", problem: `Feature ${feature.name} has no variant "${asked.variant}".` };
  }
  const read = readFlagValue(asked.value);
  if (!read.ok) return { field: "value", problem: read.problem };
  const baseValue = base?.value ?? "null";
  const keeps = !pins && asked.value === undefined;
  const shares = option ? [{ option_id: option.id, percentage_allocation: 100 }] : keeps ? (base?.shares ?? []) : [];
  const enabled = asked.enabled ?? base?.enabled === 1;
  return {
    enabled: enabled ? 1 : 0,
    value: asked.value === undefined ? baseValue : JSON.stringify(read.value),
    variants: writeShares(shares),
    reason: asked.reason || null,
    expiresAt: asked.expiresAt ?? null,
    given: {
      enabled: asked.enabled !== undefined,
      value: !keeps,
      reason: asked.reason !== undefined,
      expiresAt: asked.expiresAt !== undefined,
    },
  };
}

export const rowFor = (identifier: string, featureId: number, spec: OverrideSpec): OverrideRow => [
  identifier,
  featureId,
  crypto.randomUUID(),
  spec.enabled,
  spec.value,
  spec.variants,
  spec.reason,
  spec.expiresAt,
];
