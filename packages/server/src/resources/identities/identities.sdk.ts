/** GET and POST identities: who is asking, what is known of them, what they get. The hottest route there is. */
import { createHash, randomBytes } from "node:crypto";
import { anonymousIdentifier, type Identify, readBulkIdentify, readIdentify } from "@burgee/contract/sdk";
import type { Awaitable, Db } from "../../db/database.ts";
import type { LoadedEnvironment } from "../../documents/loaded.ts";
import { readBody } from "../../http/body.ts";
import { json } from "../../http/headers.ts";
import { queryValue, readQuery } from "../../http/query.ts";
import type { SdkCall, SdkRoute } from "../../http/sdk-door.ts";
import { type EvaluationListener, presentEvaluated } from "./evaluated-identity.ts";
import { createIdentitiesStore } from "./identities.store.ts";
import { answer, answerFeature, identifierProblem, mayWriteTraits } from "./identity-answers.ts";
import { createIdentityService, type Identified, type IdentityService } from "./identity-service.ts";
import { createLegacyRoutes } from "./legacy.sdk.ts";
import { createTraitsRoutes } from "./traits.sdk.ts";

type Call = SdkCall<LoadedEnvironment>;
type Route = SdkRoute<LoadedEnvironment>;

export interface IdentitiesDeps {
  readonly db: Db;
  readonly now: () => number;
  readonly bodyLimit: number;
  readonly onError: (error: unknown) => void;
  /** Hears of every identity whose traits are written, after the commit. */
  readonly onWrite: (environmentId: number, identifier: string) => void;
  /** Hears of identities whose flags were all asked for. */
  readonly listener?: EvaluationListener;
}

interface Answering {
  readonly service: IdentityService;
  readonly listener: EvaluationListener | undefined;
}

export interface IdentitiesRoutes {
  /** For the other doors to the same identities. */
  readonly service: IdentityService;
  readonly identities: Route;
  readonly bulkIdentities: Route;
  readonly traits: Route;
  readonly bulkTraits: Route;
  readonly incrementTrait: Route;
  readonly legacyFlags: Route;
  readonly legacyIdentity: Route;
  readonly legacyTrait: Route;
}

/** Passes on what is answered, having told of it where somebody listens. */
function told(
  listener: EvaluationListener | undefined,
  { environment, origin }: Call,
  identified: Awaitable<Identified>,
): Awaitable<Identified> {
  if (!listener?.wants(environment.id)) return identified;
  const tell = (known: Identified): Identified => {
    listener.evaluated(environment.id, () => presentEvaluated(environment, origin, known));
    return known;
  };
  return identified instanceof Promise ? identified.then(tell) : tell(identified);
}

async function getIdentity({ service, listener }: Answering, call: Call): Promise<Response> {
  const { environment, request } = call;
  const query = readQuery(request);
  const identifier = queryValue(query, "identifier");
  // Deliberately 200: clients of the original rely on it.
  if (!identifier) return json(200, { detail: "Missing identifier" });
  const problem = identifierProblem(identifier);
  if (problem) return problem;
  // Any text counts as true, "false" too; that is how the original reads it.
  const identified = queryValue(query, "transient")
    ? service.identifyUnsaved(environment, identifier, [])
    : service.identify(environment, { identifier, traits: [], transient: false, mayWrite: false });
  const feature = queryValue(query, "feature");
  if (feature) return answerFeature(call, await identified, feature);
  return answer(call, told(listener, call, identified));
}

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");
const randomHex = (): string => randomBytes(16).toString("hex");

function identifyBody(service: IdentityService, call: Call, body: Identify): Promise<Identified> | Identified {
  const mayWrite = mayWriteTraits(call);
  if (body.identifier !== null) {
    return service.identify(call.environment, {
      identifier: body.identifier,
      traits: body.traits,
      transient: body.transient,
      mayWrite,
    });
  }
  const traits = mayWrite ? body.traits.map((trait) => ({ ...trait, transient: true })) : [];
  return service.identifyUnsaved(call.environment, anonymousIdentifier(traits, { sha256, randomHex }), traits);
}

function postIdentity({ service, listener }: Answering, bodyLimit: number, call: Call): Promise<Response> {
  return readBody(call.request, { limit: bodyLimit }).then((body) => {
    if (!body.ok) return json(body.status, body.body);
    const read = readIdentify(body.value);
    if (!read.ok) return json(read.status, read.body);
    return answer(call, told(listener, call, identifyBody(service, call, read.value)));
  });
}

async function postBulk(service: IdentityService, bodyLimit: number, call: Call): Promise<Response> {
  const body = await readBody(call.request, { limit: bodyLimit });
  if (!body.ok) return json(body.status, body.body);
  const read = readBulkIdentify(body.value);
  if (!read.ok) return json(read.status, read.body);
  // Items of one identifier run one after the other, or a later one might be compared with what an earlier one replaces.
  const chains = new Map<string | null, Promise<unknown>>();
  for (const item of read.value) {
    const before = chains.get(item.identifier) ?? Promise.resolve();
    chains.set(
      item.identifier,
      before.then(() => identifyBody(service, call, item)),
    );
  }
  await Promise.all(chains.values());
  return json(200, {});
}

export function createIdentitiesRoutes(deps: IdentitiesDeps): IdentitiesRoutes {
  const { db, now, bodyLimit, onError, onWrite } = deps;
  const store = createIdentitiesStore(db, now, onWrite);
  const service = createIdentityService(store, onError);
  const answering: Answering = { service, listener: deps.listener };
  return {
    service,
    identities: {
      methods: {
        GET: (call) => getIdentity(answering, call),
        POST: (call) => postIdentity(answering, bodyLimit, call),
      },
      resource: "identities",
    },
    bulkIdentities: {
      methods: { POST: (call) => postBulk(service, bodyLimit, call) },
      resource: "identities",
    },
    ...createTraitsRoutes({ store, bodyLimit }),
    ...createLegacyRoutes({ service, bodyLimit }),
  };
}
