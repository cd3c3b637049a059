/**
 * The runtime door: what every SDK route does before and after its own work.
 * Order as clients know it: preflight, Accept, key, method, then the handler. It stays synchronous while nothing has to be waited for,
 * because a promise a request is what the hottest routes would mostly consist of.
 */
import type { Awaitable } from "../db/database.ts";
import { AppError } from "../errors.ts";
import { preflight } from "./cors.ts";
import { json } from "./headers.ts";

export type Origin = "client" | "server";

/** Who a key stands for. `E` is the loaded environment; this folder does not know what is in it. */
export interface KeyHolder<E> {
  readonly environment: E;
  readonly origin: Origin;
}

export type ResolvedKey<E> = KeyHolder<E> | "unknown" | "stopped";

export interface SdkCall<E> extends KeyHolder<E> {
  readonly request: Request;
  /** Decoded path parameters. */
  readonly params: Readonly<Record<string, string>>;
}

export type SdkHandler<E> = (call: SdkCall<E>) => Awaitable<Response>;

export interface SdkRoute<E> {
  readonly methods: Readonly<Partial<Record<"GET" | "POST" | "PUT" | "DELETE", SdkHandler<E>>>>;
  /** Usage is counted under this name; absent = not counted. */
  readonly resource?: "flags" | "identities" | "traits" | "environment-document";
  /** Only keys that start with `ser.` may pass. */
  readonly serverKeyOnly?: boolean;
  /** Routes that stream or answer anything but JSON skip the Accept check. */
  readonly anyAccept?: boolean;
}

export interface SdkDoorDeps<E> {
  readonly resolve: (key: string) => Awaitable<ResolvedKey<E>>;
  readonly onCall: (environment: E, resource: string, request: Request) => void;
  readonly onError: (error: unknown, request: Request) => string;
}

export type Door = (request: Request, params?: Readonly<Record<string, string>>) => Awaitable<Response>;

const NO_PARAMS: Readonly<Record<string, string>> = {};
const MAX_KEY_LENGTH = 100;

const missingKey = () => json(403, { detail: "Invalid or missing Environment key" });
const unknownKey = () => json(403, { detail: "Invalid or missing Environment Key" });
const stopped = () => json(403, { detail: "Organisation is disabled from serving flags." });

function acceptsJson(request: Request): boolean {
  const accept = request.headers.get("accept");
  return !accept || accept.includes("*/*") || accept.includes("json") || accept.includes("application/*");
}

/** Error to response in the runtime door's dialect (Django REST's `detail`). */
function sdkErrorResponse(error: unknown, requestId: string): Response {
  if (!(error instanceof AppError))
    return json(500, { detail: "Internal server error." }, { "X-Request-Id": requestId });
  const extra: Record<string, string> = { "X-Request-Id": requestId };
  if (error.status === 503) extra["Retry-After"] = "1";
  return json(error.status, { detail: error.details["detail"] ?? error.message }, extra);
}

export function createSdkDoor<E>(deps: SdkDoorDeps<E>): (route: SdkRoute<E>) => Door {
  return (route) => {
    const allow = [...Object.keys(route.methods), ...(route.methods.GET ? ["HEAD"] : []), "OPTIONS"].join(", ");
    const fail = (error: unknown, request: Request) => sdkErrorResponse(error, deps.onError(error, request));

    const handle = (
      resolved: ResolvedKey<E>,
      request: Request,
      params: Readonly<Record<string, string>>,
    ): Awaitable<Response> => {
      if (resolved === "unknown") return unknownKey();
      if (resolved === "stopped") return stopped();
      // The server sends of it only the headers, among them the length that a GET would have.
      const method = request.method === "HEAD" ? "GET" : request.method;
      const handler = route.methods[method as "GET"];
      if (!handler) return json(405, { detail: `Method "${request.method}" not allowed.` }, { Allow: allow });
      if (route.resource) deps.onCall(resolved.environment, route.resource, request);
      return handler({ environment: resolved.environment, origin: resolved.origin, request, params });
    };

    return (request, params = NO_PARAMS) => {
      try {
        if (request.method === "OPTIONS") return preflight(request);
        if (!route.anyAccept && !acceptsJson(request)) {
          return json(406, { detail: "Could not satisfy the request Accept header." });
        }
        const key = request.headers.get("x-environment-key");
        if (!key || (route.serverKeyOnly && !key.startsWith("ser."))) return missingKey();
        if (key.length > MAX_KEY_LENGTH) return unknownKey();
        const resolved = deps.resolve(key);
        const answer =
          resolved instanceof Promise
            ? resolved.then((found) => handle(found, request, params))
            : handle(resolved, request, params);
        return answer instanceof Promise ? answer.catch((error: unknown) => fail(error, request)) : answer;
      } catch (error) {
        return fail(error, request);
      }
    };
  };
}
