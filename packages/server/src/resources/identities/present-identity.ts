/** An identity's answer as JSON text, put together from prepared pieces: it is most of what the server sends. */
import { writeText, writeTraitValue } from "@burgee/contract/sdk";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import type { Origin } from "../../http/sdk-door.ts";
import type { EffectiveTrait } from "./effective-traits.ts";
import type { Identified } from "./identity-service.ts";

const MAX_HEADS = 10_000;
const heads = new Map<string, string>();

/** Stable for a key, positive, 31 bits (FNV-1a): clients want a number there and ignore which. */
export function traitId(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash >>> 1 || 1;
}

function traitHead(key: string): string {
  const known = heads.get(key);
  if (known !== undefined) return known;
  const head = `{"id":${traitId(key)},"trait_key":${JSON.stringify(key)},"trait_value":`;
  if (heads.size >= MAX_HEADS) heads.clear();
  heads.set(key, head);
  return head;
}

export function presentTrait({ key, value, transient }: EffectiveTrait, isStored: boolean): string {
  const text = writeTraitValue(value);
  if (isStored && !transient) return `${traitHead(key)}${text},"transient":false}`;
  return `{"id":null,"trait_key":${writeText(key)},"trait_value":${text},"transient":${transient}}`;
}

export function presentTraits(identified: Identified): string {
  let text = "";
  for (const trait of identified.traits.listed) {
    text +=
      text === "" ? presentTrait(trait, identified.id !== null) : `,${presentTrait(trait, identified.id !== null)}`;
  }
  return text;
}

/** One join over all flags: a text that grows piece by piece is only copied together once it is sent, at twice the price. */
export function presentIdentity(environment: LoadedEnvironment, origin: Origin, identified: Identified): string {
  const traits = environment.hideSensitiveData ? "" : presentTraits(identified);
  const head = `{"identifier":${writeText(identified.identifier)},"traits":[${traits}],"flags":[`;
  const flags = environment.flags[origin].identityTexts(identified.outcomes, identified.id);
  const last = flags.length - 1;
  if (last < 0) return `${head}]}`;
  flags[0] = head + flags[0];
  flags[last] += "]}";
  return flags.join(",");
}
