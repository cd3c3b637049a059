/** Response headers every runtime answer carries. Built once a second and shared, because making them costs more than sending them. */
import { VERSION } from "../version.ts";

const EXPOSED = "Retry-After, X-Flagsmith-Document-Updated-At, Link, Last-Modified, ETag, X-Request-Id";

const COMMON: Readonly<Record<string, string>> = {
  "Flagsmith-Version": VERSION,
  "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
  Pragma: "no-cache",
  Vary: "X-Environment-Key, Accept, Origin",
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": EXPOSED,
};

let second = 0;
let expires = "";

function expiresNow(now: number): string {
  const current = Math.floor(now / 1000);
  if (current !== second) {
    second = current;
    expires = new Date(now).toUTCString();
  }
  return expires;
}

/** Headers of one JSON answer; `extra` wins. */
export function jsonHeaders(extra: Readonly<Record<string, string>> = {}, now = Date.now()): Headers {
  return new Headers({ ...COMMON, "Content-Type": "application/json", Expires: expiresNow(now), ...extra });
}

/**
 * A `ResponseInit` that is made anew once a second: hot answers of one environment share it.
 * Sharing is safe because Bun and the Fetch standard copy headers into the response.
 */
export function sharedInit(extra: Readonly<Record<string, string>>): () => ResponseInit {
  let madeAt = 0;
  let init: ResponseInit = {};
  return () => {
    const now = Date.now();
    const current = Math.floor(now / 1000);
    if (current !== madeAt) {
      madeAt = current;
      init = { status: 200, headers: jsonHeaders(extra, now) };
    }
    return init;
  };
}

export function json(status: number, body: unknown, extra: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: jsonHeaders(extra) });
}

/** An answer without a body still carries the common headers. */
export function empty(status: number, extra: Readonly<Record<string, string>> = {}): Response {
  const headers = jsonHeaders(extra);
  headers.delete("Content-Type");
  return new Response(null, { status, headers });
}
