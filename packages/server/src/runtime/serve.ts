/** Bun.serve with its dangerous defaults turned off: no shared ports, bounded bodies, no error texts to strangers. */

import http from "node:http";

/** What a handler may ask of the connection that a request came by. */
export interface Connection {
  /** Seconds without a byte sent after which it is cut; 0 = never. For uploads and event streams. */
  setTimeout(seconds: number): void;
  /** The peer's address, undefined when it has gone. */
  address(): string | undefined;
}

export type Handler = (request: Request, connection: Connection) => Response | Promise<Response>;

export interface ServeOptions {
  readonly hostname: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly fetch: Handler;
  /** Exact paths that skip `fetch`, whatever the method; the hot ones, so nothing is wrapped around them. */
  readonly routes?: Readonly<Record<string, (request: Request) => Response | Promise<Response>>>;
  /** Seconds a connection may stay without a byte sent, up to 255. */
  readonly idleTimeout?: number;
  /** Bytes; a larger body is answered 413 before `fetch` sees it. */
  readonly maxRequestBodySize?: number;
  /** Told of what a handler threw; the client only hears 500. */
  readonly onError?: (error: unknown) => void;
}

export interface RunningServer {
  readonly port: number;
  /** Refuses new connections and lets running requests end; cuts what is left after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

const defaultIdleSeconds = 30;
const defaultBodyLimit = 1024 * 1024;
/**
 * Bytes of a request's line and headers together. An identifier has up to 2,000 characters, and stands in addresses with up to 12 bytes for
 * each. Bun's own server takes it from here.
 */
const headerLimit = 64 * 1024;

/** Throws when the port is taken. */
export function serve(options: ServeOptions): RunningServer {
  const { hostname, port, idleTimeout = defaultIdleSeconds, maxRequestBodySize = defaultBodyLimit } = options;
  const routes = { ...options.routes };
  Object.assign(http, { maxHeaderSize: headerLimit });
  const server = Bun.serve({
    hostname,
    port,
    // Left out, a second process would take the same port without an error and half of the requests.
    reusePort: false,
    development: false,
    idleTimeout,
    maxRequestBodySize,
    routes,
    fetch: adapt(options.fetch),
    error: (error) => {
      options.onError?.(error);
      return Response.json({ detail: "Internal server error." }, { status: 500 });
    },
  });
  return { port: server.port ?? port, stop: (graceMs) => stop(server, graceMs) };
}

type Server = Bun.Server<undefined>;

function adapt(handler: Handler): (request: Request, server: Server) => Response | Promise<Response> {
  return (request, server) =>
    handler(request, {
      setTimeout: (seconds) => server.timeout(request, seconds),
      address: () => server.requestIP(request)?.address,
    });
}

async function stop(server: Server, graceMs: number): Promise<void> {
  const deadline = setTimeout(() => void server.stop(true), graceMs);
  await server.stop(false);
  clearTimeout(deadline);
}
