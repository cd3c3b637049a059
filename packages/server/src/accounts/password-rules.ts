/** Which passwords are refused, in Django's words, which stock clients show. */
import { commonPasswords } from "./common-passwords.ts";

export const MIN_PASSWORD = 8;
/** Hashing is slow on purpose; what is hashed is bounded. */
export const MAX_PASSWORD = 128;

const SIMILAR = 0.7;

/** Shared letters, whatever their order, as a part of all letters: 1 = an anagram. */
function similarity(a: string, b: string): number {
  const left = new Map<string, number>();
  for (const letter of a) left.set(letter, (left.get(letter) ?? 0) + 1);
  let shared = 0;
  for (const letter of b) {
    const count = left.get(letter) ?? 0;
    if (count > 0) shared += 1;
    left.set(letter, count - 1);
  }
  return (2 * shared) / (a.length + b.length);
}

function isLike(password: string, known: string): boolean {
  const text = known.toLowerCase();
  const parts = [text, ...text.split(/\W+/)].filter((part) => part.length >= 3);
  return parts.some((part) => similarity(password.toLowerCase(), part) >= SIMILAR);
}

export interface PasswordOwner {
  readonly email: string;
  readonly firstName?: string;
  readonly lastName?: string;
}

/** Everything that is wrong with it; empty = fine. */
export function passwordFaults(password: string, owner: PasswordOwner): string[] {
  const faults: string[] = [];
  if (isLike(password, owner.email)) faults.push("The password is too similar to the email.");
  if (owner.firstName && isLike(password, owner.firstName)) {
    faults.push("The password is too similar to the first name.");
  }
  if (owner.lastName && isLike(password, owner.lastName)) faults.push("The password is too similar to the last name.");
  const length = [...password].length;
  if (length < MIN_PASSWORD) {
    faults.push(`This password is too short. It must contain at least ${MIN_PASSWORD} characters.`);
  }
  if (length > MAX_PASSWORD) faults.push(`This password is too long. It may have ${MAX_PASSWORD} characters at most.`);
  if (commonPasswords.has(password.toLowerCase())) faults.push("This password is too common.");
  if (/^\d+$/.test(password)) faults.push("This password is entirely numeric.");
  return faults;
}
