/** What of tracing the rest of the server knows: everything else is loaded only where it is switched on, and until then costs nothing. */
import type { Hono } from "hono";
import { routePath } from "hono/route";
import type { Awaitable } from "./db/database.ts";

export interface RequestTracer {
  /** Runs the handler as a span. `route` is asked when it is over: the pattern that matched. */
  request(request: Request, route: () => string | undefined, handle: () => Awaitable<Response>): Awaitable<Response>;
}

type Handler<Extra extends unknown[]> = (request: Request, ...extra: Extra) => Awaitable<Response>;

/** The handler itself where nothing is traced. */
export function withTracer<Extra extends unknown[]>(
  tracer: RequestTracer | undefined,
  routeOf: (request: Request) => string | undefined,
  handler: Handler<Extra>,
): Handler<Extra> {
  if (!tracer) return handler;
  return (request, ...extra) =>
    tracer.request(
      request,
      () => routeOf(request),
      () => handler(request, ...extra),
    );
}

/** Call it before anything is mounted. Answers which pattern a request matched: an address may name an identity. */
export function noteRoutes(hono: Hono, tracer: RequestTracer | undefined): (request: Request) => string | undefined {
  const routes = new WeakMap<Request, string>();
  if (!tracer) return () => undefined;
  hono.use("*", async (c, next) => {
    await next();
    const path = routePath(c, -1);
    if (path !== "*" && path !== "/*") routes.set(c.req.raw, path);
  });
  return (request) => routes.get(request);
}
