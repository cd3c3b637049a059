/** What OFREP answers: flags in its words, its errors, and the tag over a whole answer. */
import { createHash } from "node:crypto";
import type { OfrepErrorCode } from "@burgee/contract/ofrep";
import type { Outcome, Scalar } from "@burgee/engine";
import { identityTopic } from "../../changes/identity-news.ts";
import type { Holder } from "../../documents/documents.ts";
import { type AppError, isAppError } from "../../errors.ts";
import { jsonHeaders, lateResponse } from "../../http/headers.ts";

export function answer(status: number, body: unknown, extra: Readonly<Record<string, string>> = {}): Response {
  // Browsers may keep the answer if they ask again each time: that is what its ETag is for.
  const headers = jsonHeaders({
    "Cache-Control": "no-cache, private",
    Vary: "X-API-Key, Authorization, Origin",
    ...extra,
  });
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  return text === undefined ? new Response(null, { status, headers }) : lateResponse(text, { status, headers });
}

/** `key` is the flag asked for, where it was one. */
export const problem = (errorCode: OfrepErrorCode, errorDetails: string, key?: string, status = 400): Response =>
  answer(errorCode === "FLAG_NOT_FOUND" ? 404 : status, {
    ...(key === undefined ? {} : { key }),
    errorCode,
    errorDetails,
  });

/** Clients that are told 429 hold their calls back until then, which is what a busy database needs. */
export function failure(error: unknown, id: string, key?: string): Response {
  const known: AppError | undefined = isAppError(error) ? error : undefined;
  const status = isAppError(error, "database_busy") ? 429 : (known?.status ?? 500);
  const body = {
    ...(key === undefined ? {} : { key }),
    errorCode: "GENERAL",
    errorDetails: known?.message ?? "Internal server error.",
  };
  return answer(status, body, {
    "X-Request-Id": id,
    ...(status === 503 || status === 429 ? { "Retry-After": "1" } : {}),
  });
}

/**
 * As JSON. Text that is a JSON object is meant as one, since flags have no type of their own for it; it leaves as it was written, or
 * long numbers and 1.0 would not be what they were.
 */
function typed(value: Scalar): string {
  if (typeof value !== "string" || !value.trimStart().startsWith("{")) return JSON.stringify(value);
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}

const hasValue = (value: Scalar): boolean => value !== null && value !== "";

/**
 * A flag without a value is its own switch. One that has a value and is off gives none, which tells the client
 * to use the default in its code.
 */
function valueFor({ flag }: Outcome): string {
  if (!hasValue(flag.value)) return `"value":${flag.enabled},`;
  return flag.enabled ? `"value":${typed(flag.value)},` : "";
}

function reasonOf({ flag, source }: Outcome): string {
  if (!flag.enabled) return "DISABLED";
  if (flag.reason.startsWith("SPLIT")) return "SPLIT";
  return source === "default" ? "STATIC" : "TARGETING_MATCH";
}

/**
 * Optional in the protocol, but the Python provider fails without one; and one option must not look like another where
 * nobody gave them keys.
 */
function variantOf({ flag, state, source }: Outcome): string {
  if (flag.variant !== null) return flag.variant;
  const options = flag.reason.startsWith("SPLIT") ? state.multivariate_feature_state_values : [];
  const drawn = options.find(({ multivariate_feature_option: { value } }) => value === flag.value);
  return drawn ? `option-${drawn.multivariate_feature_option.id}` : source;
}

/** What of a flag depends on who asks: the names of segments are nothing for the public. */
const namesSegments = ({ environment, origin }: Holder): boolean =>
  origin === "server" && !environment.hideSensitiveData;

/** JSON. Nothing in it changes with the environment's revision alone: clients compare flags to tell which have changed. */
export function presentFlag(outcome: Outcome, holder: Holder): string {
  const { flag, state, segment, source } = outcome;
  const metadata = {
    flagId: state.feature.id,
    enabled: flag.enabled,
    source,
    ...(segment && namesSegments(holder) ? { segment: segment.name } : {}),
  };
  const variant = JSON.stringify(variantOf(outcome));
  const head = `{"key":${JSON.stringify(flag.name)},"reason":"${reasonOf(outcome)}",`;
  return `${head}${valueFor(outcome)}"variant":${variant},"metadata":${JSON.stringify(metadata)}}`;
}

/** The whole answer as text, and its tag: clients send that again after their context changed, when only the answer tells. */
export function presentAll(holder: Holder, identifier: string, outcomes: readonly Outcome[]) {
  const { environment } = holder;
  const key = encodeURIComponent(environment.apiKey);
  const target = identityTopic(environment.id, identifier);
  const rest = JSON.stringify({
    metadata: { version: environment.revision },
    eventStreams: [
      {
        type: "sse",
        endpoint: { requestUri: `/ofrep/v1/sse?key=${key}&target=${target}` },
        inactivityDelaySec: 120,
      },
    ],
  });
  const flags = outcomes.map((outcome) => presentFlag(outcome, holder)).join(",");
  const text = `{"flags":[${flags}],${rest.slice(1)}`;
  return { text, tag: `"${createHash("sha256").update(text).digest("base64url")}"` };
}

/** `*`, a list, weak tags: all of them count. */
export function matchesTag(header: string | null, tag: string): boolean {
  if (header === null) return false;
  return header.split(",").some((part) => {
    const candidate = part.trim().replace(/^W\//, "");
    return candidate === "*" || candidate === tag;
  });
}
