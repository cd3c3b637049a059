import { md5Remainder } from "./md5.ts";

/** The one remainder that would give 100 per cent, and is hashed again instead. */
const AGAIN = 9998;

/**
 * Where a list of ids falls in [0, 100): the same ids always give the same number, and different ids spread evenly.
 * The ids joined by "," are hashed with MD5; `times` repeats the whole list first. 100 itself never comes out:
 * the list is then repeated once more and hashed again.
 */
export function percentage(ids: readonly string[], times = 1): number {
  const joined = ids.join(",");
  let text = Array.from({ length: Math.max(1, times) }, () => joined).join(",");
  for (;;) {
    const remainder = md5Remainder("", text);
    if (remainder !== AGAIN) return share(remainder);
    text += `,${joined}`;
  }
}

/** `percentage([owner, subject])`, where `prefix` is `<owner>,`: the hot path makes no list and no joined text. */
export function bucket(prefix: string, subject: string): number {
  const remainder = md5Remainder(prefix, subject);
  return remainder === AGAIN ? percentage([prefix.slice(0, -1), subject], 2) : share(remainder);
}

/** In exactly this order: divide, then multiply. Any other order gives other doubles at the boundaries. */
function share(remainder: number): number {
  return (remainder / AGAIN) * 100;
}
