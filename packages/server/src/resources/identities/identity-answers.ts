/** What the identity routes share: who may write, what an identifier may be, and how an identified caller is answered. */
import type { Awaitable } from "../../db/database.ts";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { documentInit, json, jsonHeaders, lateResponse } from "../../http/headers.ts";
import type { SdkCall } from "../../http/sdk-door.ts";
import { atTurnEnd } from "../../http/turn-end.ts";
import type { Identified } from "./identity-service.ts";
import { presentIdentity } from "./present-identity.ts";

type Call = SdkCall<LoadedEnvironment>;

const MAX_IDENTIFIER = 2000;

/** Client keys may be kept from writing traits; server keys never are. */
export const mayWriteTraits = ({ environment, origin }: Call): boolean =>
  origin === "server" || environment.allowClientTraits;

/** undefined = fine. POST says the same of the same faults. */
export function identifierProblem(identifier: string): Response | undefined {
  if (identifier.includes("\0")) return json(400, { identifier: ["Null characters are not allowed."] });
  if (identifier.length > MAX_IDENTIFIER && [...identifier].length > MAX_IDENTIFIER) {
    return json(400, { identifier: [`Ensure this field has no more than ${MAX_IDENTIFIER} characters.`] });
  }
  return undefined;
}

export function answer({ environment, origin, request }: Call, identified: Awaitable<Identified>): Promise<Response> {
  const present = (known: Identified): Response => {
    const text = presentIdentity(environment, origin, known);
    // Nobody reads the body of a HEAD, so a stream's length would not be known.
    return request.method === "HEAD"
      ? new Response(text, documentInit(environment))
      : lateResponse(text, documentInit(environment));
  };
  // Callers of one commit, or of one query, come together anyway.
  return identified instanceof Promise ? identified.then(present) : atTurnEnd(present(identified));
}

/** One flag instead of the whole answer; by its exact name here. */
export function answerFeature({ environment, origin }: Call, identified: Identified, feature: string): Response {
  const updatedAt = { "X-Flagsmith-Document-Updated-At": environment.updatedAtSeconds };
  const flag = environment.flags[origin].identityFind(identified.outcomes, feature, identified.id);
  if (flag === undefined) return json(404, { detail: "Given feature not found" }, updatedAt);
  return new Response(flag, { status: 200, headers: jsonHeaders(updatedAt) });
}
