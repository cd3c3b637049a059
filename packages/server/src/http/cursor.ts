/** Where the next page of a list begins: opaque to its reader, and good for the very question it was an answer to. */
import { createHash } from "node:crypto";
import { badRequest } from "./admin-door.ts";

type Part = string | number;

const digestOf = (asked: readonly unknown[]): string =>
  createHash("sha256").update(JSON.stringify(asked)).digest("base64url").slice(0, 12);

/** `asked` is everything that decides what is listed and in which order; `place` is what the page ended with. */
export const writeCursor = (asked: readonly unknown[], place: readonly Part[]): string =>
  Buffer.from(JSON.stringify([digestOf(asked), ...place])).toString("base64url");

/** Throws 400 for what is no cursor, and for the cursor of another question. */
export function readCursor(cursor: string, asked: readonly unknown[], types: readonly ("string" | "number")[]): Part[] {
  const invalid = badRequest({ cursor: ["This is no cursor of this list."] });
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    throw invalid;
  }
  if (!Array.isArray(parts) || parts.length !== types.length + 1 || parts[0] !== digestOf(asked)) throw invalid;
  const place = parts.slice(1) as unknown[];
  const isSound = (part: unknown, type: string | undefined) =>
    typeof part === type &&
    (typeof part === "string" ? part.isWellFormed() && !part.includes("\0") : Number.isSafeInteger(part));
  if (!place.every((part, i) => isSound(part, types[i]))) throw invalid;
  return place as Part[];
}
