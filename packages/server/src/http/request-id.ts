/** The name of one request in logs and error answers: the caller's where it is sane, else a new one. */
import { randomUUID } from "node:crypto";

/** One that was made up stays, or the lines about one request would not be found together. */
const made = new WeakMap<Request, string>();

export function requestId(request: Request): string {
  const given = request.headers.get("x-request-id");
  if (given && /^[\w.:-]{1,100}$/.test(given)) return given;
  const known = made.get(request) ?? randomUUID();
  made.set(request, known);
  return known;
}
