/** What becomes of requests in the log: every failure, refusals at debug, and at debug every request with its time. */
import type { Logger } from "pino";
import type { Awaitable } from "./db/database.ts";
import { AppError } from "./errors.ts";
import { requestId } from "./http/request-id.ts";

type Handler<Extra extends unknown[]> = (request: Request, ...extra: Extra) => Awaitable<Response>;

const pathOf = (request: Request): string => (URL.canParse(request.url) ? new URL(request.url).pathname : "");

/** Returns the request's id, for the answer. `errors` counts them by code. */
export function createErrorLog(
  logger: Logger,
  errors: Map<string, number>,
): (error: unknown, request: Request) => string {
  return (error, request) => {
    const id = requestId(request);
    const code = error instanceof AppError ? error.code : "internal";
    errors.set(code, (errors.get(code) ?? 0) + 1);
    const fields = { requestId: id, method: request.method, path: pathOf(request) };
    if (error instanceof AppError && error.status < 500) logger.debug({ ...fields, code: error.code }, "refused");
    else logger.error({ ...fields, err: error }, "request failed");
    return id;
  };
}

/** Wraps a handler only where somebody asked for it: a line a request costs more than most requests. */
export function withRequestLog<Extra extends unknown[]>(logger: Logger, handler: Handler<Extra>): Handler<Extra> {
  if (!logger.isLevelEnabled("debug")) return handler;
  return async (request, ...extra) => {
    const started = performance.now();
    const response = await handler(request, ...extra);
    const ms = Math.round((performance.now() - started) * 100) / 100;
    const fields = { requestId: requestId(request), method: request.method, path: pathOf(request) };
    logger.debug({ ...fields, status: response.status, ms }, "request");
    return response;
  };
}
