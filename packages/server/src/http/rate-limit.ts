/**
 * So many tries in so much time, per key, in this process's memory. The oldest keys make room for new ones, so that a flood
 * of made-up keys costs bounded memory.
 */
import { AppError } from "../errors.ts";

export interface RateRule {
  /** Tries within any `windowMs`. */
  readonly max: number;
  readonly windowMs: number;
}

export interface RateLimiter {
  /** Counts a try; throws AppError "too_many" with `retryAfter` in seconds where there were enough of them. */
  take(key: string): void;
}

const MAX_KEYS = 10_000;

export function createRateLimiter({ max, windowMs }: RateRule, now: () => number): RateLimiter {
  const tries = new Map<string, number[]>();
  return {
    take: (key) => {
      const at = now();
      const recent = (tries.get(key) ?? []).filter((time) => time > at - windowMs);
      const [first] = recent;
      if (recent.length >= max && first !== undefined) {
        const retryAfter = Math.max(1, Math.ceil((first + windowMs - at) / 1000));
        const detail = `Request was throttled. Expected available in ${retryAfter} second${retryAfter === 1 ? "" : "s"}.`;
        throw new AppError("too_many", { detail, retryAfter });
      }
      // Set anew, so that the map's order is that of the last try.
      tries.delete(key);
      tries.set(key, [...recent, at]);
      const [oldest] = tries.keys();
      if (tries.size > MAX_KEYS && oldest !== undefined) tries.delete(oldest);
    },
  };
}
