/** An override as Burgee's own routes show it: by names and keys, with who, why and until when. */
import { type FlagValue, type IdentityOverride, reservedOptionKey } from "@burgee/contract/admin";
import { isoMicros } from "../../documents/load.ts";
import { applies } from "../../documents/states.ts";
import { etagOf, type Tagged } from "../../http/precondition.ts";
import type { NameOf } from "./actors.store.ts";
import type { Option, OverrideRecord } from "./overrides.store.ts";
import { variantsOf } from "./present-override.ts";

export interface ShownFeature {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  /** Its variants. */
  readonly options: readonly Option[];
}

export interface OverrideView {
  readonly feature: ShownFeature;
  readonly identity: { readonly id: number; readonly identifier: string };
  readonly nameOf: NameOf;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const scalar = (json: string): FlagValue => JSON.parse(json) as FlagValue;

/** The variant that everybody with these shares gets, whatever their bucket. */
function pinned(row: OverrideRecord, { options }: ShownFeature): { variant: string | null; value: FlagValue } {
  const held = variantsOf(row);
  const whole = held.find((variant) => variant.percentage_allocation >= 100);
  const option = options.find((candidate) => candidate.id === whole?.option_id);
  if (option) return { variant: option.key, value: scalar(option.value) };
  const isControl = held.length > 0 && held.every((variant) => variant.percentage_allocation === 0);
  return { variant: isControl ? reservedOptionKey : null, value: scalar(row.value) };
}

export function presentIdentityOverride(row: OverrideRecord, view: OverrideView): IdentityOverride {
  const { feature, identity, nameOf, now } = view;
  return {
    feature: { id: feature.id, name: feature.name, type: feature.type },
    enabled: row.enabled === 1,
    ...pinned(row, feature),
    reason: row.reason,
    expires_at: row.expires_at === null ? null : isoMicros(row.expires_at, "Z"),
    is_expired: !applies(row, now),
    created_date: isoMicros(row.created_at, "Z"),
    updated_at: isoMicros(row.updated_at, "Z"),
    updated_by: nameOf(row.updated_by),
    identity,
  };
}

const contentOf = (row: OverrideRecord): unknown[] => [
  row.enabled,
  row.value,
  variantsOf(row).map((variant) => [variant.option_id, variant.percentage_allocation]),
  row.reason,
  row.expires_at,
];

/** Whether a write would change nothing. */
export const sameContent = (a: OverrideRecord, b: OverrideRecord): boolean =>
  JSON.stringify(contentOf(a)) === JSON.stringify(contentOf(b));

export const tagOverride = (row: OverrideRecord, view: OverrideView): Tagged => ({
  etag: etagOf(row.id, row.updated_at, applies(row, view.now), ...contentOf(row)),
  body: presentIdentityOverride(row, view),
});
