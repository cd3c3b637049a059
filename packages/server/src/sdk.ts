/** Mounts the runtime side: every path an SDK calls, in both forms, and the hot ones once more without the router. */
import type { Context, Hono } from "hono";
import type { IdentityNews } from "./changes/identity-news.ts";
import type { Awaitable, Db } from "./db/database.ts";
import type { Documents } from "./documents/documents.ts";
import type { LoadedEnvironment } from "./documents/loaded.ts";
import { preflight } from "./http/cors.ts";
import { jsonHeaders } from "./http/headers.ts";
import { createSdkDoor, type SdkRoute } from "./http/sdk-door.ts";
import { createEnvironmentDocumentRoute } from "./resources/environment-document/environment-document.sdk.ts";
import { createEventsDoor } from "./resources/events/events.sdk.ts";
import { createEventsStore } from "./resources/events/events.store.ts";
import { flagsRoute, multivariateOptionsRoute } from "./resources/flags/flags.sdk.ts";
import type { EvaluationListener } from "./resources/identities/evaluated-identity.ts";
import { createIdentitiesRoutes, type IdentitiesRoutes } from "./resources/identities/identities.sdk.ts";
import { createOfrepDoor } from "./resources/identities/ofrep.ts";
import { createPushDoor } from "./resources/stream/push.sdk.ts";
import type { Streams } from "./resources/stream/stream.sdk.ts";
import { createAnalyticsRoutes } from "./resources/usage/analytics.sdk.ts";
import type { UsageStore } from "./resources/usage/usage.store.ts";
import type { UsageRecorder } from "./resources/usage/usage-recorder.ts";

export interface SdkDeps {
  readonly db: Db;
  readonly documents: Documents;
  readonly news: IdentityNews;
  readonly streams: Streams;
  readonly usage: UsageRecorder;
  readonly usageStore: UsageStore;
  readonly bodyLimit: number;
  readonly now: () => number;
  /** Logs, and returns the request's id. */
  readonly onError: (error: unknown, request: Request) => string;
  readonly warn: (error: unknown) => void;
  /** Hears of identities whose flags were all asked for. */
  readonly listener: EvaluationListener;
}

/** Exact paths that are answered without the router. */
export type FastRoutes = Readonly<Record<string, (request: Request) => Awaitable<Response>>>;

/** SDKs use the slash form, proxies and the documentation's examples the other; neither may be redirected. */
export const bothForms = (path: string): string[] => [path, path.endsWith("/") ? path.slice(0, -1) : `${path}/`];

function sdkRoutes(
  { db, bodyLimit, usageStore, now }: SdkDeps,
  identities: IdentitiesRoutes,
): Readonly<Record<string, SdkRoute<LoadedEnvironment>>> {
  const analytics = createAnalyticsRoutes({ store: usageStore, bodyLimit });
  return {
    "/api/v1/flags/": flagsRoute,
    "/api/v1/flags/:feature/multivariate-options/": multivariateOptionsRoute,
    "/api/v1/flags/:identifier": identities.legacyFlags,
    "/api/v1/identities/": identities.identities,
    "/api/v1/identities/:identifier/": identities.legacyIdentity,
    "/api/v1/identities/:identifier/traits/:key": identities.legacyTrait,
    "/api/v1/bulk-identities/": identities.bulkIdentities,
    "/api/v1/traits/": identities.traits,
    "/api/v1/traits/bulk/": identities.bulkTraits,
    "/api/v1/traits/increment-value/": identities.incrementTrait,
    "/api/v1/environment-document/": createEnvironmentDocumentRoute(db, now),
    "/api/v1/analytics/flags/": analytics.flagsV1,
    "/api/v2/analytics/flags/": analytics.flagsV2,
  };
}

/** The name of a flag may hold slashes, and older clients do not encode it. */
function ofrepFlag(request: Request): string | undefined {
  const name = new URL(request.url).pathname.slice(OFREP.length + 1);
  try {
    return decodeURIComponent(name) || undefined;
  } catch {
    return name;
  }
}

const OFREP = "/ofrep/v1/evaluate/flags";

/** A HEAD, which the router takes for a GET, gets no stream: nobody would ever read it, and it would count as open. */
const streaming =
  (open: (c: Context) => Promise<Response>) =>
  (c: Context): Awaitable<Response> =>
    c.req.method === "HEAD"
      ? new Response(null, { status: 200, headers: jsonHeaders({ "Content-Type": "text/event-stream" }) })
      : open(c);

/** OpenFeature's own protocol; one form of its paths, as its clients ask. */
function mountOfrep(
  hono: Hono,
  { documents, streams, usage, bodyLimit, onError }: SdkDeps,
  identities: IdentitiesRoutes,
) {
  const onCall = usage.record;
  const door = createOfrepDoor({
    documents,
    service: identities.service,
    bodyLimit,
    onCall,
    onEvaluation: (environmentId, { flag, state }, request) =>
      usage.recordEvaluation(environmentId, state.feature.id, flag.enabled, request),
    onError,
  });
  for (const path of bothForms(OFREP)) hono.all(path, (c) => door(c.req.raw));
  // No wildcard: it would match the whole, too, and traces would take the one for the other.
  hono.all(`${OFREP}/:flag{.+}`, (c) => door(c.req.raw, ofrepFlag(c.req.raw)));
  hono.get(
    "/ofrep/v1/sse",
    streaming((c) => streams.openOfrep(c.req.query("key") ?? "", c.req.query("target"), c.req.raw.signal)),
  );
  hono.options("/ofrep/v1/sse", (c) => preflight(c.req.raw));
}

export function mountSdk(hono: Hono, deps: SdkDeps): FastRoutes {
  const { db, documents, streams, usage, bodyLimit, now, onError, warn } = deps;
  const identities = createIdentitiesRoutes({
    db,
    now,
    bodyLimit,
    onError: warn,
    onWrite: deps.news.changed,
    listener: deps.listener,
  });
  const door = createSdkDoor<LoadedEnvironment>({
    resolve: documents.resolve,
    onCall: (environment, resource, request) => usage.record(environment.id, resource, request),
    onError,
  });
  const fast: Record<string, (request: Request) => Awaitable<Response>> = {};
  for (const [path, route] of Object.entries(sdkRoutes(deps, identities))) {
    const handler = door(route);
    for (const form of bothForms(path)) {
      hono.all(form, (c) => handler(c.req.raw, c.req.param() as Record<string, string>));
      if (!form.includes(":")) fast[form] = (request) => handler(request);
    }
  }
  const events = createEventsDoor({ documents, store: createEventsStore(db, now), bodyLimit, now, onError });
  for (const form of bothForms("/v1/events")) hono.all(form, (c) => events(c.req.raw));
  for (const form of bothForms("/sse/environments/:key/stream")) {
    hono.get(
      form,
      streaming((c) => streams.openFlagsmith(c.req.param("key") ?? "", c.req.raw.signal)),
    );
    hono.options(form, (c) => preflight(c.req.raw));
  }
  const push = createPushDoor({ documents, streams, onError });
  for (const form of bothForms("/api/v1/stream/environment/")) hono.all(form, (c) => push.environment(c.req.raw));
  for (const form of bothForms("/api/v1/stream/identity/")) hono.all(form, (c) => push.identity(c.req.raw));
  mountOfrep(hono, deps, identities);
  return fast;
}
