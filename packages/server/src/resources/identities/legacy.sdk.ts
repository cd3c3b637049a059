/**
 * Deprecated routes with the identifier in the path; no current SDK calls them. They follow the rules of the current ones
 * (server-key-only, sensitive data, variants), which the original forgets here.
 */
import { readLegacyTrait } from "@burgee/contract/sdk";
import { matchSegments } from "@burgee/engine";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { readBody } from "../../http/body.ts";
import { json, jsonHeaders } from "../../http/headers.ts";
import { queryValue, readQuery } from "../../http/query.ts";
import type { SdkCall, SdkRoute } from "../../http/sdk-door.ts";
import { answerFeature, identifierProblem, mayWriteTraits } from "./identity-answers.ts";
import type { Identified, IdentityService } from "./identity-service.ts";
import { presentTrait, presentTraits } from "./present-identity.ts";

type Call = SdkCall<LoadedEnvironment>;
type Route = SdkRoute<LoadedEnvironment>;

export interface LegacyDeps {
  readonly service: IdentityService;
  readonly bodyLimit: number;
}

export interface LegacyRoutes {
  readonly legacyFlags: Route;
  readonly legacyIdentity: Route;
  readonly legacyTrait: Route;
}

const IDENTIFIER = /^[-\w@%.]+$/;
const TRAIT_KEY = /^[-\w.]{1,200}$/;

const answerText = (text: string) => new Response(text, { status: 200, headers: jsonHeaders() });
const flagsText = ({ environment, origin }: Call, identified: Identified) =>
  environment.flags[origin].identityTexts(identified.outcomes, identified.id).join(",");

export function createLegacyRoutes({ service, bodyLimit }: LegacyDeps): LegacyRoutes {
  const identify = async (call: Call): Promise<Identified | Response> => {
    const identifier = call.params["identifier"] ?? "";
    if (!IDENTIFIER.test(identifier)) return json(404, { detail: "Not found." });
    const problem = identifierProblem(identifier);
    if (problem) return problem;
    return service.identify(call.environment, { identifier, traits: [], transient: false, mayWrite: false });
  };

  const getFlags = async (call: Call): Promise<Response> => {
    const identified = await identify(call);
    if (identified instanceof Response) return identified;
    const feature = queryValue(readQuery(call.request), "feature");
    return feature ? answerFeature(call, identified, feature) : answerText(`[${flagsText(call, identified)}]`);
  };

  const getIdentity = async (call: Call): Promise<Response> => {
    const identified = await identify(call);
    if (identified instanceof Response) return identified;
    const { environment, origin } = call;
    // The names of segments are nobody's business who only holds the public key.
    const segments = origin === "server" ? matchSegments(environment.compiled, identified.identity) : [];
    const shown = segments.map(({ id, name }) => ({ id, name, description: null }));
    const traits = environment.hideSensitiveData ? "" : presentTraits(identified);
    return answerText(
      `{"flags":[${flagsText(call, identified)}],"traits":[${traits}],"segments":${JSON.stringify(shown)}}`,
    );
  };

  const setTrait = async (call: Call): Promise<Response> => {
    const { identifier = "", key = "" } = call.params;
    if (!IDENTIFIER.test(identifier)) return json(400, { detail: "Missing identifier" });
    if (!TRAIT_KEY.test(key)) return json(400, { detail: "Missing trait key" });
    const { environment } = call;
    if (!environment.persistTraitData) {
      return json(403, { detail: "Organisation is not authorised to store traits." });
    }
    const body = await readBody(call.request, { limit: bodyLimit });
    if (!body.ok) return json(body.status, body.body);
    const read = readLegacyTrait(body.value);
    if (!read.ok) return json(read.status, read.body);
    if (!mayWriteTraits(call)) return json(400, { detail: "Failed to update user trait" });
    const trait = { key, value: read.value, transient: false };
    await service.identify(environment, { identifier, traits: [trait], transient: false, mayWrite: true });
    return answerText(presentTrait(trait, true));
  };

  return {
    legacyFlags: { methods: { GET: getFlags }, resource: "flags" },
    legacyIdentity: { methods: { GET: getIdentity }, resource: "identities" },
    legacyTrait: { methods: { POST: setTrait }, resource: "identities" },
  };
}
