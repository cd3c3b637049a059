/** When an override ends, as people say it and as the API has it. */

export const EXPIRIES = ["never", "hour", "day", "week", "month", "at"] as const;
export type ExpiryChoice = (typeof EXPIRIES)[number];

export const EXPIRY_WORDS: Readonly<Record<ExpiryChoice, string>> = {
  never: "Stays until it is reset",
  hour: "Ends in an hour",
  day: "Ends tomorrow at this time",
  week: "Ends in a week",
  month: "Ends in 30 days",
  at: "Ends at…",
};

const HOUR = 3_600_000;
const SPANS: Readonly<Partial<Record<ExpiryChoice, number>>> = {
  hour: HOUR,
  day: 24 * HOUR,
  week: 7 * 24 * HOUR,
  month: 30 * 24 * HOUR,
};

export interface Expiry {
  readonly choice: ExpiryChoice;
  /** Local time, as a datetime-local field has it; only for "at". */
  readonly at: string;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** "2026-11-23T10:30" in the browser's time zone. */
export function localText(at: Date): string {
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

export const expiryOf = (expiresAt: string | null | undefined): Expiry =>
  expiresAt ? { choice: "at", at: localText(new Date(expiresAt)) } : { choice: "never", at: "" };

/** ISO, UTC; null = never. undefined where what was typed is no time. `now` in milliseconds. */
export function expiresAt({ choice, at }: Expiry, now: number): string | null | undefined {
  if (choice === "never") return null;
  const span = SPANS[choice];
  const time = span === undefined ? new Date(at).getTime() : now + span;
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** What is wrong with it, in a sentence. */
export function expiryFault(expiry: Expiry, now: number): string | undefined {
  if (expiry.choice !== "at") return undefined;
  const end = expiresAt(expiry, now);
  if (!end) return "Choose a day and a time.";
  return Date.parse(end) <= now ? "This has passed already." : undefined;
}
