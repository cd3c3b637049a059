/** Preflight is answered before authentication: a browser sends it without the key. */
import { empty } from "./headers.ts";

const ALLOWED_HEADERS = [
  "accept",
  "accept-encoding",
  "authorization",
  "content-type",
  "dnt",
  "origin",
  "user-agent",
  "x-csrftoken",
  "x-requested-with",
  "sentry-trace",
  "traceparent",
  "tracestate",
  "baggage",
  "x-environment-key",
  "x-e2e-test-auth-token",
  "flagsmith-application-name",
  "flagsmith-application-version",
  "flagsmith-sdk-user-agent",
  "if-none-match",
  "if-modified-since",
  "last-event-id",
  "x-request-id",
  "x-api-key",
];

const MAX_ECHOED = 2000;

/** SDKs let their users add any header, so what the browser asks for is granted too. */
function allowedHeaders(requested: string | null): string {
  if (requested === null || requested.length > MAX_ECHOED) return ALLOWED_HEADERS.join(", ");
  const asked = requested
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name));
  return [...new Set([...ALLOWED_HEADERS, ...asked])].join(", ");
}

export function preflight(request: Request): Response {
  return empty(200, {
    "Access-Control-Allow-Methods": "DELETE, GET, OPTIONS, PATCH, POST, PUT",
    "Access-Control-Allow-Headers": allowedHeaders(request.headers.get("access-control-request-headers")),
    "Access-Control-Max-Age": "86400",
    "Content-Length": "0",
  });
}
