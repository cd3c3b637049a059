/**
 * What an identity's traits are for one call: what is stored, what was sent, and what may be written of it.
 * Pure; the rules are sections 4.2 to 4.6 of the runtime contract.
 */
import { isWholeFloat, type SentTrait } from "@burgee/contract/sdk";
import type { TraitValue } from "@burgee/engine";

export type Traits = Readonly<Record<string, TraitValue>>;

export interface EffectiveTrait {
  readonly key: string;
  readonly value: TraitValue;
  readonly transient: boolean;
}

export interface EffectiveTraits {
  /** As the answer lists them: stored, new, then transient. */
  readonly listed: readonly EffectiveTrait[];
  /** As segments see them. */
  readonly evaluated: Traits;
}

export const NO_TRAITS: Traits = Object.freeze(Object.create(null) as Record<string, TraitValue>);

/** Types count: 1, "1", true and 1.0 are four values. */
export function sameTrait(a: TraitValue | undefined, b: TraitValue): boolean {
  if (a === b) return true;
  return isWholeFloat(a) && isWholeFloat(b) && a.float === b.float;
}

const own = (traits: Traits, key: string): TraitValue | undefined =>
  Object.hasOwn(traits, key) ? traits[key] : undefined;

/**
 * The writes that the sent traits ask for, later ones of the same key winning: key to new value, null to delete.
 * undefined = everything is stored already.
 */
export function traitPatch(stored: Traits, sent: readonly SentTrait[]): Map<string, TraitValue> | undefined {
  let isChanged = false;
  for (const { key, value, transient } of sent) {
    if (transient) continue;
    const current = own(stored, key);
    if (value === null ? current !== undefined : !sameTrait(current, value)) {
      isChanged = true;
      break;
    }
  }
  if (!isChanged) return undefined;
  const patch = new Map<string, TraitValue>();
  for (const { key, value, transient } of sent) if (!transient) patch.set(key, value);
  return patch;
}

function listStored(stored: Traits): EffectiveTrait[] {
  const listed: EffectiveTrait[] = [];
  for (const key of Object.keys(stored)) listed.push({ key, value: stored[key] as TraitValue, transient: false });
  return listed;
}

/** After everything persistent was written: only transient traits are laid over what is stored. */
export function withTransient(stored: Traits, sent: readonly SentTrait[]): EffectiveTraits {
  if (!sent.some((trait) => trait.transient)) return { listed: listStored(stored), evaluated: stored };
  return overlay(
    stored,
    sent.filter((trait) => trait.transient),
    true,
  );
}

/**
 * Sent traits laid over stored ones without a write. A null hides a stored trait where it is transient, and else is skipped:
 * what is stored cannot be deleted from here. `isKnown` = the identity exists; a null of an unknown one hides nothing.
 */
export function overlay(stored: Traits, sent: readonly SentTrait[], isKnown: boolean): EffectiveTraits {
  const evaluated: Record<string, TraitValue> = Object.assign(Object.create(null), stored);
  const laid = new Map<string, EffectiveTrait>();
  for (const { key, value, transient } of sent) {
    if (value === null && !(transient && isKnown && own(stored, key) !== undefined)) continue;
    laid.set(key, { key, value, transient });
    evaluated[key] = value;
  }
  const kept: EffectiveTrait[] = [];
  for (const trait of listStored(stored)) {
    const over = laid.get(trait.key);
    if (!over) kept.push(trait);
    else if (!over.transient) {
      kept.push(over);
      laid.delete(trait.key);
    }
  }
  const rest = [...laid.values()];
  return {
    listed: [...kept, ...rest.filter((t) => !t.transient), ...rest.filter((t) => t.transient)],
    evaluated,
  };
}
