/** Optimistic concurrency: If-Match and If-None-Match on a write, held against what is there now (RFC 9110, section 13). */
import { createHash } from "node:crypto";
import { AppError } from "../errors.ts";

/** A thing as its reader got it. */
export interface Tagged {
  readonly etag: string;
  readonly body: unknown;
}

/** The same for the same content. */
export const etagOf = (...parts: readonly unknown[]): string =>
  `"${createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 27)}"`;

const tagsIn = (header: string): string[] => header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));

const matches = (header: string, current: Tagged | undefined): boolean =>
  current !== undefined && tagsIn(header).some((tag) => tag === "*" || tag === current.etag);

/** Refuses with 412 and what is there, where the caller saw something else. Ask inside the transaction that writes. */
export function assertPrecondition(request: Request, current: Tagged | undefined): void {
  const ifMatch = request.headers.get("if-match");
  const ifNoneMatch = request.headers.get("if-none-match");
  const isMet =
    (ifMatch === null || matches(ifMatch, current)) && (ifNoneMatch === null || !matches(ifNoneMatch, current));
  if (isMet) return;
  throw new AppError("precondition_failed", {
    body: { detail: "It is not what the request expects.", current: current?.body ?? null },
    ...(current ? { headers: { ETag: current.etag } } : {}),
  });
}
