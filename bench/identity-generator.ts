/**
 * Identities in any number, the same ones for the same seed: five traits each, with the values that the benchmark documents'
 * segments ask for. Makes them and nothing else, so that any store can be filled with them.
 */

export interface GeneratedIdentity {
  readonly identifier: string;
  readonly traits: Readonly<{ plan: string; country: string; age: number; email: string; beta: boolean }>;
}

const PLANS = ["free", "pro", "scale", "enterprise"] as const;
const COUNTRIES = ["DE", "US", "FR", "GB", "JP", "BR"] as const;
const HOSTS = ["corp.io", "example.com"] as const;

/** 32 well-mixed bits of two numbers (murmur's finaliser). */
function mix(seed: number, index: number): number {
  let bits = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(seed + 1, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

const pick = <T>(list: readonly T[], bits: number): T => list[bits % list.length] as T;

export function identityAt(seed: number, index: number): GeneratedIdentity {
  const bits = mix(seed, index);
  return {
    identifier: `user-${index}`,
    traits: {
      plan: pick(PLANS, bits),
      country: pick(COUNTRIES, bits >>> 4),
      age: 16 + ((bits >>> 8) % 60),
      email: `user${index}@${pick(HOSTS, bits >>> 16)}`,
      beta: (bits >>> 20) % 3 === 0,
    },
  };
}

export function* generateIdentities(seed: number, count: number): Generator<GeneratedIdentity> {
  for (let index = 0; index < count; index += 1) yield identityAt(seed, index);
}

/** `count` of the first `total` indexes in no order, without one twice. The same for the same seed. */
export function shuffledIndexes(seed: number, total: number, count: number): number[] {
  const indexes = Array.from({ length: total }, (_, index) => index);
  const taken = Math.min(count, total);
  for (let at = 0; at < taken; at += 1) {
    const other = at + (mix(seed, at) % (total - at));
    const swapped = indexes[at] as number;
    indexes[at] = indexes[other] as number;
    indexes[other] = swapped;
  }
  return indexes.slice(0, taken);
}
