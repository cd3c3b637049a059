/** Response headers every runtime answer carries. Built once a second and shared, because making them costs more than sending them. */
import { lateBody } from "../runtime/late-body.ts";
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

interface Shared {
  readonly second: number;
  readonly init: ResponseInit;
}

const shared = new WeakMap<object, Shared>();

/**
 * 200 with the headers of an answer made from an environment's document. Made anew once a second and shared in between,
 * which is safe because a Response copies the headers it is given.
 */
export function documentInit(environment: { readonly updatedAtSeconds: string }): ResponseInit {
  const now = Date.now();
  const current = Math.floor(now / 1000);
  const known = shared.get(environment);
  if (known?.second === current) return known.init;
  const headers = jsonHeaders({ "X-Flagsmith-Document-Updated-At": environment.updatedAtSeconds }, now);
  const init = { status: 200, headers };
  shared.set(environment, { second: current, init });
  return init;
}

export function json(status: number, body: unknown, extra: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: jsonHeaders(extra) });
}

/** An answer to somebody who had to wait for something: on a database, say. */
export function lateResponse(text: string, init: ResponseInit): Response {
  return new Response(lateBody(text), init);
}

/** An answer without a body still carries the common headers. */
export function empty(status: number, extra: Readonly<Record<string, string>> = {}): Response {
  const headers = jsonHeaders(extra);
  headers.delete("Content-Type");
  return new Response(null, { status, headers });
}
