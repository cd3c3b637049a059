/** POST /v1/events: what newer SDKs report of experiments. Its refusals are plain text and 401, unlike every other runtime route. */
import { readEvents, type SdkEvent, writeTraitValue } from "@burgee/contract/sdk";
import type { Documents } from "../../documents/documents.ts";
import { AppError } from "../../errors.ts";
import { readBody } from "../../http/body.ts";
import { preflight } from "../../http/cors.ts";
import { json, jsonHeaders } from "../../http/headers.ts";
import type { EventsStore, StoredEvent } from "./events.store.ts";

export interface EventsDeps {
  readonly documents: Documents;
  readonly store: EventsStore;
  readonly bodyLimit: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Logs, and returns the request's id. */
  readonly onError: (error: unknown, request: Request) => string;
}

const MAX_KEY_LENGTH = 100;

const refuse = (status: number, text: string): Response =>
  new Response(text, { status, headers: jsonHeaders({ "Content-Type": "text/plain; charset=utf-8" }) });

const spell = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value));

function toStored({ event, featureName, identifier, value, traits, metadata, timestamp }: SdkEvent): StoredEvent {
  const members = Object.entries(traits ?? {}).map(
    ([key, trait]) => `${JSON.stringify(key)}:${writeTraitValue(trait)}`,
  );
  const spelt = traits === null ? null : `{${members.join(",")}}`;
  return { event, featureName, identifier, value: spell(value), traits: spelt, metadata: spell(metadata), timestamp };
}

export function createEventsDoor(deps: EventsDeps): (request: Request) => Promise<Response> {
  const { documents, store, bodyLimit, now, onError } = deps;

  const take = async (request: Request): Promise<Response> => {
    const key = request.headers.get("x-environment-key");
    if (!key) return refuse(401, "Missing or invalid X-Environment-Key header");
    const holder = key.length > MAX_KEY_LENGTH ? "unknown" : await documents.resolve(key);
    if (holder === "unknown") return refuse(403, "Unknown environment key");
    if (holder === "stopped") return refuse(403, "Organisation is disabled from serving flags.");
    const body = await readBody(request, { limit: bodyLimit });
    if (!body.ok) return json(body.status, body.body);
    const read = readEvents(body.value, now());
    if (!read.ok) return json(read.status, read.body);
    const { accepted, rejected } = read.value;
    await store.add(holder.environment.id, accepted.map(toStored));
    return json(202, { accepted: accepted.length, rejected });
  };

  return async (request) => {
    if (request.method === "OPTIONS") return preflight(request);
    if (request.method !== "POST")
      return json(405, { detail: `Method "${request.method}" not allowed.` }, { Allow: "POST, OPTIONS" });
    return take(request).catch((error: unknown) => {
      const id = onError(error, request);
      const status = error instanceof AppError ? error.status : 500;
      const detail = error instanceof AppError ? error.message : "Internal server error.";
      return json(status, { detail }, { "X-Request-Id": id, ...(status === 503 ? { "Retry-After": "1" } : {}) });
    });
  };
}
