/** Cookies are sent by any page's requests; a write that rests on one must come from our own pages. */
import { AppError } from "../errors.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

function hostOf(address: string | null): string | undefined {
  return address !== null && URL.canParse(address) ? new URL(address).host : undefined;
}

/**
 * The Host header cannot be chosen by another site's page without losing the cookie, so an Origin that names the same host
 * is ours; behind a proxy that rewrites Host, the public address says so. Without Origin, the browser's own word counts.
 */
export function isSameOrigin(request: Request, publicUrl: string): boolean {
  const origin = request.headers.get("origin");
  if (origin === null) return request.headers.get("sec-fetch-site") === "same-origin";
  const host = hostOf(origin);
  if (host === undefined) return false;
  return host === (request.headers.get("host") ?? hostOf(request.url)) || host === hostOf(publicUrl);
}

/** Throws AppError "forbidden" for a write from elsewhere. */
export function assertSameOrigin(request: Request, publicUrl: string): void {
  if (SAFE.has(request.method) || isSameOrigin(request, publicUrl)) return;
  throw new AppError("forbidden", { detail: "CSRF Failed: the request does not come from this server's own pages." });
}
