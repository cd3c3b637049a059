/** What a body of Burgee's own routes asks an override to be; what it leaves out stays, or is as for everybody. */
import { type IdentityOverrideInput, readFlagValue, reservedOptionKey } from "@burgee/contract/admin";
import { badRequest } from "../../http/admin-door.ts";
import { termsKept } from "./override-values.ts";
import type { DefaultState, Option, OverrideRecord, OverrideValues } from "./overrides.store.ts";
import { variantsOf } from "./present-override.ts";

export interface Base {
  readonly before: OverrideRecord | undefined;
  readonly everybodys: DefaultState | undefined;
  /** The feature's variants. */
  readonly options: readonly Option[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

type Served = Pick<OverrideValues, "value" | "variants">;

const whole = (options: readonly Option[], chosen: Option | undefined) =>
  options.map(({ id }) => ({ option_id: id, percentage_allocation: id === chosen?.id ? 100 : 0 }));

function pin(key: string, { options, everybodys, before }: Base): Served {
  const value = everybodys?.value ?? before?.value ?? "null";
  const option = options.find((candidate) => candidate.key === key);
  if (option) return { value, variants: [{ option_id: option.id, percentage_allocation: 100 }] };
  // Shares of nothing leave everybody to the control value.
  if (key === reservedOptionKey && options.length > 0) return { value, variants: whole(options, undefined) };
  throw badRequest({ variant: [`The feature has no variant "${key}".`] });
}

function served(body: IdentityOverrideInput, base: Base): Served {
  const { before, everybodys } = base;
  if (body.variant !== undefined && body.value !== undefined) {
    throw badRequest({ variant: ["Give a value or a variant, not both."] });
  }
  if (body.variant !== undefined) return pin(body.variant, base);
  if (body.value !== undefined) {
    const read = readFlagValue(body.value);
    if (!read.ok) throw badRequest({ value: [read.problem] });
    return { value: JSON.stringify(read.value), variants: [] };
  }
  if (before) {
    const variants = variantsOf(before).map(({ option_id, percentage_allocation }) => ({
      option_id,
      percentage_allocation,
    }));
    return { value: before.value, variants };
  }
  return { value: everybodys?.value ?? "null", variants: everybodys?.variants ?? [] };
}

function endOf({ expires_at }: IdentityOverrideInput, { before, now }: Base): number | null {
  if (expires_at === undefined) return termsKept(before, now).expires_at;
  // Said again it is no news, even when it has passed.
  if (expires_at !== null && expires_at <= now && expires_at !== before?.expires_at) {
    throw badRequest({ expires_at: ["This has passed already."] });
  }
  return expires_at;
}

const reasonOf = ({ reason }: IdentityOverrideInput, { before, now }: Base): string | null =>
  reason === undefined ? termsKept(before, now).reason : reason || null;

export function wantedOverride(body: IdentityOverrideInput, base: Base): OverrideValues {
  const { before, everybodys } = base;
  return {
    enabled: body.enabled ?? (before ?? everybodys)?.enabled === 1,
    ...served(body, base),
    reason: reasonOf(body, base),
    expires_at: endOf(body, base),
  };
}

/** A new override that leaves the variants to everybody's shares keeps what they are drawn by, so that the identity keeps its own. */
export const keepsDraw = (body: IdentityOverrideInput): boolean =>
  body.variant === undefined && body.value === undefined;
