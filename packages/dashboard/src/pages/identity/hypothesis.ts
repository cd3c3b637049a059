/** Traits as they might be: what is stored, with some changed, added or left out. Nothing of it is stored. */
import type { RecordTrait } from "@burgee/contract/admin";

export interface Hypothesis {
  /** Changed or added, by key. */
  readonly set: Readonly<Record<string, RecordTrait>>;
  readonly removed: readonly string[];
}

export const NOTHING: Hypothesis = { set: {}, removed: [] };

export const isNothing = ({ set, removed }: Hypothesis): boolean =>
  Object.keys(set).length === 0 && removed.length === 0;

const without = (set: Hypothesis["set"], key: string): Hypothesis["set"] =>
  Object.fromEntries(Object.entries(set).filter(([each]) => each !== key));

/** A trait that comes out as it is stored is no change. */
export function withTrait(
  { set, removed }: Hypothesis,
  trait: RecordTrait,
  stored: readonly RecordTrait[],
): Hypothesis {
  const held = stored.find(({ key }) => key === trait.key);
  const isSame = held?.type === trait.type && held.value === trait.value;
  const others = without(set, trait.key);
  return {
    set: isSame ? others : { ...others, [trait.key]: trait },
    removed: removed.filter((key) => key !== trait.key),
  };
}

export const withoutTrait = (
  { set, removed }: Hypothesis,
  key: string,
  stored: readonly RecordTrait[],
): Hypothesis => ({
  set: without(set, key),
  removed: stored.some((trait) => trait.key === key) && !removed.includes(key) ? [...removed, key] : removed,
});

/** As it is stored. */
export const restored = ({ set, removed }: Hypothesis, key: string): Hypothesis => ({
  set: without(set, key),
  removed: removed.filter((each) => each !== key),
});

export interface HypotheticalTrait {
  readonly key: string;
  readonly trait: RecordTrait | undefined;
  readonly state: "stored" | "changed" | "added" | "removed";
}

export function traitsOf({ set, removed }: Hypothesis, stored: readonly RecordTrait[]): HypotheticalTrait[] {
  const held = stored.map((trait): HypotheticalTrait => {
    if (removed.includes(trait.key)) return { key: trait.key, trait, state: "removed" };
    const other = set[trait.key];
    return other ? { key: trait.key, trait: other, state: "changed" } : { key: trait.key, trait, state: "stored" };
  });
  const added = Object.values(set).filter(({ key }) => !stored.some((trait) => trait.key === key));
  return [...held, ...added.map((trait): HypotheticalTrait => ({ key: trait.key, trait, state: "added" }))];
}

export const askedOf = ({ set, removed }: Hypothesis, identifier: string) => ({
  identifier,
  traits: Object.fromEntries(Object.values(set).map(({ key, value }) => [key, value])),
  remove_traits: [...removed],
});
