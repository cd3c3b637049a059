/**
 * OFREP: OpenFeature clients evaluate one flag or all of them. The context's attributes are traits for this call; stored traits
 * and overrides of the identity count as always. Nothing is stored.
 */
import { createHash } from "node:crypto";
import { type OfrepContext, type OfrepErrorCode, readOfrepContext } from "@burgee/contract/ofrep";
import type { Outcome, Scalar } from "@burgee/engine";
import type { Documents, Holder } from "../../documents/documents.ts";
import { AppError } from "../../errors.ts";
import { readBody } from "../../http/body.ts";
import { preflight } from "../../http/cors.ts";
import { jsonHeaders } from "../../http/headers.ts";
import type { IdentityService } from "./identity-service.ts";

export interface OfrepDeps {
  readonly documents: Documents;
  readonly service: IdentityService;
  readonly bodyLimit: number;
  /** Counts the call. */
  readonly onCall: (environmentId: number, resource: string, request: Request) => void;
  /** Logs, and returns the request's id. */
  readonly onError: (error: unknown, request: Request) => string;
}

export type OfrepDoor = (request: Request, flag?: string) => Promise<Response>;

const MAX_KEY_LENGTH = 100;

function answer(status: number, body: unknown, extra: Readonly<Record<string, string>> = {}): Response {
  // Browsers may keep the answer if they ask again each time: that is what its ETag is for.
  const headers = jsonHeaders({
    "Cache-Control": "no-cache, private",
    Vary: "X-API-Key, Authorization, Origin",
    ...extra,
  });
  return new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
}

function presentedKey(request: Request): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const key = request.headers.get("x-api-key") ?? bearer;
  return key && key.length <= MAX_KEY_LENGTH ? key : undefined;
}

/** Text that is a JSON object is meant as one: flags have no type of their own for it. */
function typed(value: Scalar): unknown {
  if (typeof value !== "string" || !value.trimStart().startsWith("{")) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

const hasValue = (value: Scalar): boolean => value !== null && value !== "";

/**
 * A flag without a value is its own switch. One that has a value and is off gives none, which tells the client
 * to use the default in its code.
 */
function valueFor({ flag }: Outcome): { value?: unknown } {
  if (!hasValue(flag.value)) return { value: flag.enabled };
  return flag.enabled ? { value: typed(flag.value) } : {};
}

function reasonOf({ flag, source }: Outcome): string {
  if (!flag.enabled) return "DISABLED";
  if (flag.reason.startsWith("SPLIT")) return "SPLIT";
  return source === "default" ? "STATIC" : "TARGETING_MATCH";
}

function presentFlag(outcome: Outcome, revision: number) {
  const { flag, state, segment, source } = outcome;
  return {
    key: flag.name,
    reason: reasonOf(outcome),
    ...valueFor(outcome),
    ...(flag.variant === null ? {} : { variant: flag.variant }),
    metadata: {
      flagId: state.feature.id,
      version: revision,
      source,
      ...(segment ? { segment: segment.name } : {}),
    },
  };
}

/** `*`, a list, weak tags: all of them count. */
function matchesTag(header: string | null, tag: string): boolean {
  if (header === null) return false;
  return header.split(",").some((part) => {
    const candidate = part.trim().replace(/^W\//, "");
    return candidate === "*" || candidate === tag;
  });
}

const problem = (errorCode: OfrepErrorCode, errorDetails: string, key?: string) =>
  answer(errorCode === "FLAG_NOT_FOUND" ? 404 : 400, {
    ...(key === undefined ? {} : { key }),
    errorCode,
    errorDetails,
  });

export function createOfrepDoor({ documents, service, bodyLimit, onCall, onError }: OfrepDeps): OfrepDoor {
  const outcomesFor = async ({ environment, origin }: Holder, { identifier, traits }: OfrepContext) => {
    const sent = traits.map((trait) => ({ ...trait, transient: true }));
    // As with identify: a public key may be kept from saying things about its user.
    const mayWrite = origin === "server" || environment.allowClientTraits;
    const input = { identifier, traits: sent, transient: true, mayWrite };
    const { outcomes } = await service.identify(environment, input);
    return outcomes.filter(environment.flags[origin].isVisible);
  };

  /** An event told the client of a state that this node may not have heard of yet. */
  const catchUp = async (request: Request, holder: Holder): Promise<Holder["environment"]> => {
    const told = Number(new URL(request.url).searchParams.get("flagConfigEtag") ?? "");
    if (Number.isSafeInteger(told) && told > holder.environment.revision) await documents.poll();
    return (await documents.get(holder.environment.id)) ?? holder.environment;
  };

  const evaluateAll = async (request: Request, holder: Holder, context: OfrepContext): Promise<Response> => {
    const environment = await catchUp(request, holder);
    const outcomes = await outcomesFor({ ...holder, environment }, context);
    const body = {
      flags: outcomes.map((outcome) => presentFlag(outcome, environment.revision)),
      metadata: { version: environment.revision },
      eventStreams: [
        {
          type: "sse",
          endpoint: { requestUri: `/ofrep/v1/sse?key=${encodeURIComponent(environment.apiKey)}` },
          inactivityDelaySec: 120,
        },
      ],
    };
    // Over the whole answer: clients send the tag again after their context changed, when only the answer tells.
    const tag = `"${createHash("sha256").update(JSON.stringify(body)).digest("base64url")}"`;
    if (matchesTag(request.headers.get("if-none-match"), tag)) return answer(304, undefined, { ETag: tag });
    return answer(200, body, { ETag: tag });
  };

  const evaluateOne = async (holder: Holder, context: OfrepContext, name: string): Promise<Response> => {
    const outcomes = await outcomesFor(holder, context);
    const outcome = outcomes.find((candidate) => candidate.flag.name === name);
    if (!outcome) return problem("FLAG_NOT_FOUND", `There is no flag "${name.slice(0, 100)}" here.`, name);
    return answer(200, presentFlag(outcome, holder.environment.revision));
  };

  const evaluate = async (request: Request, flag: string | undefined): Promise<Response> => {
    const key = presentedKey(request);
    const holder = key === undefined ? "unknown" : await documents.resolve(key);
    if (holder === "unknown")
      return answer(401, { errorDetails: "An environment key is needed, as X-API-Key or bearer token." });
    if (holder === "stopped") return answer(403, { errorDetails: "Organisation is disabled from serving flags." });
    onCall(holder.environment.id, "ofrep", request);
    const body = await readBody(request, { limit: bodyLimit });
    if (!body.ok)
      return body.status === 413 ? answer(413, body.body) : problem("PARSE_ERROR", "The body is not JSON.", flag);
    const context = readOfrepContext(body.value);
    if (!context.ok) return problem(context.errorCode, context.errorDetails, flag);
    return flag === undefined ? evaluateAll(request, holder, context.value) : evaluateOne(holder, context.value, flag);
  };

  return async (request, flag) => {
    if (request.method === "OPTIONS") return preflight(request);
    if (request.method !== "POST")
      return answer(405, { errorDetails: "Only POST evaluates." }, { Allow: "POST, OPTIONS" });
    return evaluate(request, flag).catch((error: unknown) => {
      const id = onError(error, request);
      const status = error instanceof AppError ? error.status : 500;
      const errorDetails = error instanceof AppError ? error.message : "Internal server error.";
      return answer(
        status,
        { errorDetails },
        { "X-Request-Id": id, ...(status === 503 ? { "Retry-After": "1" } : {}) },
      );
    });
  };
}
