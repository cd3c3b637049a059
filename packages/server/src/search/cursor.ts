/** Cursors of pages: where the next one begins, bound to the question they belong to. */
import { createHash } from "node:crypto";
import type { Key } from "./requests.ts";

export interface Cursor {
  readonly after: Key;
  /** As the first page counted it. */
  readonly total: { readonly count: number; readonly exact: boolean } | null;
}

const markOf = (question: string): string => createHash("sha256").update(question).digest("base64url").slice(0, 16);

export function writeCursor(question: string, { after, total }: Cursor): string {
  const parts = [markOf(question), after, total ? [total.count, total.exact] : null];
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** undefined = not one of ours, or of another question. */
export function readCursor(question: string, text: string): Cursor | undefined {
  try {
    const [mark, after, total] = JSON.parse(Buffer.from(text, "base64url").toString()) as unknown[];
    if (mark !== markOf(question) || !isKey(after)) return undefined;
    if (total === null || total === undefined) return { after, total: null };
    const [count, exact] = total as unknown[];
    if (typeof count !== "number" || typeof exact !== "boolean") return undefined;
    return { after, total: { count, exact } };
  } catch {
    return undefined;
  }
}

function isKey(value: unknown): value is Key {
  if (!Array.isArray(value) || value.length < 1 || value.length > 2) return false;
  const [first, second] = value as unknown[];
  const isFirst = typeof first === "string" ? isText(first) : Number.isSafeInteger(first);
  return isFirst && (second === undefined || Number.isSafeInteger(second));
}

const isText = (text: string): boolean => !text.includes("\u0000") && text.isWellFormed();
