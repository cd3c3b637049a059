/** When a delivery that failed is tried again, and when it is given up. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Pauses after the first, second, … failure; about a day in all. */
const PAUSES = [
  5 * SECOND,
  15 * SECOND,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  8 * HOUR,
] as const;

const GIVE_UP_AGE_MS = 24 * HOUR;
/** An event that waited behind another one for a day still gets these. */
const LEAST_TRIES = 3;
/** Of a pause, either way: so that what failed together is not tried together. */
const JITTER = 0.2;
const LONGEST_ASKED_MS = HOUR;

export interface Failure {
  /** With this one. */
  readonly tries: number;
  /** Of the event, in milliseconds. */
  readonly ageMs: number;
  /** As the receiver sent it. */
  readonly retryAfter: string | undefined;
  /** From 0 up to 1. */
  readonly random: number;
}

/** Seconds, or a date. */
function askedPause(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0;
  const seconds = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * SECOND : Date.parse(retryAfter) - now;
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), LONGEST_ASKED_MS) : 0;
}

/** Milliseconds until the next try; undefined: given up. */
export function pauseAfter({ tries, ageMs, retryAfter, random }: Failure, now: number): number | undefined {
  const pause = PAUSES[tries - 1];
  if (pause === undefined || (ageMs >= GIVE_UP_AGE_MS && tries >= LEAST_TRIES)) return undefined;
  const spread = pause * (1 + JITTER * (2 * random - 1));
  return Math.round(Math.max(spread, askedPause(retryAfter, now)));
}
