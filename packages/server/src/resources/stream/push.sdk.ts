/** Our own streams' door: of an environment, and of one identity. Browsers' EventSource sends no headers, so a public key may be in the address. */
import type { Documents, Holder } from "../../documents/documents.ts";
import { AppError } from "../../errors.ts";
import { preflight } from "../../http/cors.ts";
import { json } from "../../http/headers.ts";
import { queryValue, readQuery } from "../../http/query.ts";
import type { Streams } from "./stream.sdk.ts";

export interface PushDeps {
  readonly documents: Documents;
  readonly streams: Streams;
  /** Logs, and returns the request's id. */
  readonly onError: (error: unknown, request: Request) => string;
}

export interface PushDoor {
  readonly environment: (request: Request) => Promise<Response>;
  readonly identity: (request: Request) => Promise<Response>;
}

const MAX_KEY_LENGTH = 100;
const MAX_IDENTIFIER = 2000;

const refused = (detail: string) => json(403, { detail });

function identifierOf(request: Request): string | Response {
  const identifier = queryValue(readQuery(request), "identifier");
  if (!identifier) return json(400, { identifier: ["This field is required."] });
  if (identifier.includes("\0")) return json(400, { identifier: ["Null characters are not allowed."] });
  if (identifier.length > MAX_IDENTIFIER && [...identifier].length > MAX_IDENTIFIER) {
    return json(400, { identifier: [`Ensure this field has no more than ${MAX_IDENTIFIER} characters.`] });
  }
  return identifier;
}

export function createPushDoor({ documents, streams, onError }: PushDeps): PushDoor {
  const holderOf = async (request: Request): Promise<Holder | Response> => {
    const header = request.headers.get("x-environment-key");
    const key = header || queryValue(readQuery(request), "key");
    if (!key) return refused("Invalid or missing Environment key");
    // Addresses are written to logs.
    if (!header && key.startsWith("ser."))
      return refused("A server-side key belongs into the header X-Environment-Key.");
    const holder = key.length > MAX_KEY_LENGTH ? "unknown" : await documents.resolve(key);
    if (holder === "unknown") return refused("Invalid or missing Environment Key");
    return holder === "stopped" ? refused("Organisation is disabled from serving flags.") : holder;
  };

  const door = (open: (holder: Holder, request: Request) => Response) => async (request: Request) => {
    if (request.method === "OPTIONS") return preflight(request);
    if (request.method !== "GET") {
      return json(405, { detail: `Method "${request.method}" not allowed.` }, { Allow: "GET, OPTIONS" });
    }
    try {
      const holder = await holderOf(request);
      return holder instanceof Response ? holder : open(holder, request);
    } catch (error) {
      const id = onError(error, request);
      if (!(error instanceof AppError)) return json(500, { detail: "Internal server error." }, { "X-Request-Id": id });
      return json(error.status, { detail: error.message }, { "X-Request-Id": id, "Retry-After": "1" });
    }
  };

  return {
    environment: door((holder, request) => streams.openEnvironment(holder, request)),
    identity: door((holder, request) => {
      const identifier = identifierOf(request);
      return identifier instanceof Response ? identifier : streams.openIdentity(holder, identifier, request);
    }),
  };
}
