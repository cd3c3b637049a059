/**
 * What an address says behind its question mark. Values are plain text, as people write and share them (?q=plan:pro&page=2),
 * not JSON; a route's schema makes numbers and booleans of them.
 */
import { z } from "zod";

/** Text that may be missing; nonsense counts as missing, so that no address ever fails. */
export const searchText = z.string().min(1).optional().catch(undefined);

/** A whole number from 1. */
export const searchNumber = z.coerce.number().int().positive().optional().catch(undefined);

/** ?archived=true */
export const searchFlag = z
  .enum(["true", "false"])
  .transform((text) => text === "true")
  .or(z.boolean())
  .optional()
  .catch(undefined);

/** One of a few words. */
export const searchChoice = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words).optional().catch(undefined);

/** Several values in one: ?tags=1,2. */
export const searchList = z
  .string()
  .transform((text) => text.split(",").filter((part) => part !== ""))
  .or(z.array(z.string()))
  .optional()
  .catch(undefined);

export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

/** Lists become one text; an empty value leaves the address. */
export function stringifyValue(value: unknown): string {
  return Array.isArray(value) ? value.join(",") : String(value);
}
