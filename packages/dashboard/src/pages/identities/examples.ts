/** Searches to try, made of what there is. */
import { writeKey, writeValue } from "./completion.ts";

interface KnownTrait {
  readonly key: string;
  readonly count: number;
  readonly is_personal: boolean;
  readonly examples: readonly (string | number | boolean)[];
}

const ALWAYS = ["last_seen<7d", "has:override", "identifier:ana*"] as const;

const LONGEST = 24;

/** With two of the environment's own traits, if it has some whose values may be shown. */
export function examplesFor(traits: readonly KnownTrait[]): string[] {
  const own = [...traits]
    .filter(({ is_personal, examples }) => !is_personal && examples.length > 0)
    .sort((a, b) => b.count - a.count || a.key.localeCompare(b.key))
    .flatMap(({ key, examples: [value] }) => {
      if (value === undefined) return [];
      const isRange = typeof value === "number";
      const text = isRange ? `${writeKey(key).replace(/:$/, "")}>=${value}` : `${writeKey(key)}${writeValue(value)}`;
      return text.length <= LONGEST ? [text] : [];
    })
    .slice(0, 2);
  const both = own.length === 2 ? [own.join(" ")] : own;
  return [...own, ...both.filter((text) => !own.includes(text)), ...ALWAYS];
}
