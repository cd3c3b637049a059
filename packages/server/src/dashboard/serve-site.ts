/**
 * Serves the dashboard. Its own files by their names, and its one page for every address that a browser asks for and no API
 * answers: the page's router knows what the address means.
 */
import { randomBytes } from "node:crypto";
import type { Site, SiteFile } from "./site.ts";

/** What index.html holds where the nonce of an answer goes. */
const NONCE = "BURGEE_NONCE";

/** Paths of machines. What is not found under them is said in JSON, whatever the caller accepts. */
const RESERVED = /^\/(api|ofrep|sse|proxy|health|healthcheck[^/]*|version|metrics)(\/|$)/;

/** Scripts from here only. The library of the page's components writes style sheets: they carry the answer's nonce. */
const policy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");

const SECURITY = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
};

function page(site: Site): Response {
  const nonce = randomBytes(16).toString("base64");
  // Never kept by anybody: a page from a cache would carry an older answer's nonce.
  return new Response(site.index.replaceAll(NONCE, nonce), {
    headers: {
      ...SECURITY,
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-cache, no-store",
      "Content-Security-Policy": policy(nonce),
    },
  });
}

const accepts = (request: Request, encoding: string): boolean =>
  (request.headers.get("accept-encoding") ?? "").split(",").some((part) => {
    const [name, ...parameters] = part.trim().split(/\s*;\s*/);
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });

function file({ type, plain, encoded, isImmutable }: SiteFile, request: Request): Response {
  const encoding = (["br", "gzip"] as const).find((name) => encoded[name] && accepts(request, name));
  const headers = {
    ...SECURITY,
    "Content-Type": type,
    "Cache-Control": isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    Vary: "Accept-Encoding",
    ...(encoding && { "Content-Encoding": encoding }),
  };
  return new Response(encoding ? (encoded[encoding] ?? plain) : plain, { headers });
}

const wantsPage = (request: Request): boolean => (request.headers.get("accept") ?? "").includes("text/html");

/** undefined = not the dashboard's business. */
export function createSiteHandler(site: Site): (request: Request) => Response | undefined {
  return (request) => {
    if (request.method !== "GET" && request.method !== "HEAD") return undefined;
    const { pathname } = new URL(request.url);
    const found = site.files.get(pathname);
    if (found) return file(found, request);
    if (pathname === "/") return page(site);
    const isPage = wantsPage(request) && !RESERVED.test(pathname) && !pathname.startsWith("/assets/");
    return isPage ? page(site) : undefined;
  };
}
