/**
 * OFREP: OpenFeature clients evaluate one flag or all of them. The context's attributes are traits for this call, or for good where
 * a header says so; stored traits and overrides of the identity count as always.
 */
import { type OfrepContext, readOfrepContext } from "@burgee/contract/ofrep";
import type { Outcome } from "@burgee/engine";
import type { Documents, Holder } from "../../documents/documents.ts";
import { readBody } from "../../http/body.ts";
import { preflight } from "../../http/cors.ts";
import { queryValue, readQuery } from "../../http/query.ts";
import type { IdentityService } from "./identity-service.ts";
import { answer, failure, matchesTag, presentAll, presentFlag, problem } from "./ofrep-answers.ts";

export interface OfrepDeps {
  readonly documents: Documents;
  readonly service: IdentityService;
  readonly bodyLimit: number;
  /** Counts the call. */
  readonly onCall: (environmentId: number, resource: string, request: Request) => void;
  /** Counts a flag that was asked for by name. */
  readonly onEvaluation: (environmentId: number, outcome: Outcome, request: Request) => void;
  /** Logs, and returns the request's id. */
  readonly onError: (error: unknown, request: Request) => string;
}

/** `flag` is its name; undefined = all. */
export type OfrepDoor = (request: Request, flag?: string) => Promise<Response>;

interface Asked {
  readonly request: Request;
  readonly holder: Holder;
  readonly context: OfrepContext;
  readonly persists: boolean;
}

const MAX_KEY_LENGTH = 100;
const PERSIST = "x-burgee-persist-traits";

function presentedKey(request: Request): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const key = request.headers.get("x-api-key") || bearer;
  return key && key.length <= MAX_KEY_LENGTH ? key : undefined;
}

/** Or nothing. A form, which curl says unless told otherwise, would be read as one. */
const saysJson = (request: Request): boolean => /^$|\bjson\b/i.test(request.headers.get("content-type") ?? "");

/** undefined where the header is neither. */
function persistsTraits(request: Request): boolean | undefined {
  const sent = request.headers.get(PERSIST)?.trim().toLowerCase() ?? "";
  if (sent === "true" || sent === "1") return true;
  return sent === "" || sent === "false" || sent === "0" ? false : undefined;
}

/** Whether an event told the client of a state that this node has not heard of yet. */
function isBehind(request: Request, { revision, updatedAt }: Holder["environment"]): boolean {
  const query = readQuery(request);
  const told = Number(queryValue(query, "flagConfigEtag") ?? "");
  if (Number.isSafeInteger(told) && told > revision) return true;
  const modified = queryValue(query, "flagConfigLastModified") ?? "";
  const seconds = /^\d{1,12}(\.\d+)?$/.test(modified) ? Number(modified) : Date.parse(modified) / 1000;
  return seconds > updatedAt / 1000;
}

export function createOfrepDoor(deps: OfrepDeps): OfrepDoor {
  const { documents, service, bodyLimit, onCall, onEvaluation, onError } = deps;
  let catchingUp: Promise<void> | undefined;

  const outcomesFor = async ({ holder: { environment, origin }, context, persists }: Asked): Promise<Outcome[]> => {
    const { identifier } = context;
    const traits = context.traits.map((trait) => ({ ...trait, transient: !persists }));
    // As with identify: a public key may be kept from saying things about its user.
    const mayWrite = origin === "server" || environment.allowClientTraits;
    const { outcomes } = await service.identify(environment, { identifier, traits, transient: !persists, mayWrite });
    return outcomes.filter(environment.flags[origin].isVisible);
  };

  /**
   * Never answers from before what the client has heard of. Those who ask together look together, and once more where that look
   * had begun before somebody's event.
   */
  const catchUp = async ({ request, holder }: Asked): Promise<Holder> => {
    let { environment } = holder;
    for (let looks = 0; looks < 2 && isBehind(request, environment); looks += 1) {
      catchingUp ??= documents.poll().finally(() => {
        catchingUp = undefined;
      });
      await catchingUp;
      environment = (await documents.get(environment.id)) ?? environment;
    }
    return { ...holder, environment };
  };

  const evaluateAll = async (asked: Asked): Promise<Response> => {
    const holder = await catchUp(asked);
    const outcomes = await outcomesFor({ ...asked, holder });
    const { text, tag } = presentAll(holder, asked.context.identifier, outcomes);
    if (matchesTag(asked.request.headers.get("if-none-match"), tag)) return answer(304, undefined, { ETag: tag });
    return answer(200, text, { ETag: tag });
  };

  const evaluateOne = async (asked: Asked, name: string): Promise<Response> => {
    const outcomes = await outcomesFor(asked);
    const named = (wanted: string) => outcomes.find((candidate) => candidate.flag.name === wanted);
    // A flag's name may end with a slash, too.
    const outcome = named(name) ?? named(name.replace(/\/$/, ""));
    if (!outcome) return problem("FLAG_NOT_FOUND", `There is no flag "${name.slice(0, 100)}" here.`, name);
    onEvaluation(asked.holder.environment.id, outcome, asked.request);
    return answer(200, presentFlag(outcome, asked.holder));
  };

  const evaluate = async (request: Request, flag: string | undefined): Promise<Response> => {
    const key = presentedKey(request);
    const holder = key === undefined ? "unknown" : await documents.resolve(key);
    if (holder === "unknown") {
      const errorDetails = "An environment key is needed, as X-API-Key or bearer token.";
      return answer(401, { errorDetails }, { "WWW-Authenticate": "Bearer" });
    }
    if (holder === "stopped") return answer(403, { errorDetails: "Organisation is disabled from serving flags." });
    onCall(holder.environment.id, "ofrep", request);
    const persists = persistsTraits(request);
    if (persists === undefined) return problem("GENERAL", "X-Burgee-Persist-Traits is neither true nor false.", flag);
    if (!saysJson(request)) return problem("PARSE_ERROR", "The body has to be sent as application/json.", flag);
    const body = await readBody(request, { limit: bodyLimit });
    if (!body.ok && body.status === 413) return problem("GENERAL", "The body is too large.", flag, 413);
    if (!body.ok) return problem("PARSE_ERROR", "The body is not JSON.", flag);
    const context = readOfrepContext(body.value);
    if (!context.ok) return problem(context.errorCode, context.errorDetails, flag);
    const asked = { request, holder, context: context.value, persists };
    return flag === undefined ? evaluateAll(asked) : evaluateOne(asked, flag);
  };

  return async (request, flag) => {
    if (request.method === "OPTIONS") return preflight(request);
    if (request.method !== "POST")
      return answer(405, { errorDetails: "Only POST evaluates." }, { Allow: "POST, OPTIONS" });
    return evaluate(request, flag).catch((error: unknown) => failure(error, onError(error, request), flag));
  };
}
