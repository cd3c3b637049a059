/** The name of one request in logs and error answers: the caller's where it is sane, else a new one. */
import { randomUUID } from "node:crypto";

export function requestId(request: Request): string {
  const given = request.headers.get("x-request-id");
  return given && /^[\w.:-]{1,100}$/.test(given) ? given : randomUUID();
}
