/** Requests that take longer than a connection may be silent: uploads that are read to their end before they are answered. */

const limits = new WeakMap<Request, (seconds: number) => void>();

/** Called where the connection is known. */
export function noteTimeout(request: Request, setTimeout: (seconds: number) => void): void {
  limits.set(request, setTimeout);
}

/** Never: what a body brings does not count as a sign of life, and only callers with rights get here. */
const NEVER = 0;

export function allowLongRequest(request: Request): void {
  limits.get(request)?.(NEVER);
}
