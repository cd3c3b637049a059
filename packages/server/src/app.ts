/** Mounts the doors. `request` answers without a socket, for tests; `routes` are the hot paths that skip the router. */
import { Hono } from "hono";
import type { Logger } from "pino";
import { createAuthenticate } from "./access/authenticate.ts";
import { type Accounts, createAccounts } from "./accounts/accounts.ts";
import { type AccountSettings, BASE_PATH } from "./accounts/settings.ts";
import { mountAdmin } from "./admin.ts";
import { type Changes, createChanges } from "./changes/commit.ts";
import type { Awaitable, Db } from "./db/database.ts";
import { createDocuments, type Documents } from "./documents/documents.ts";
import type { LoadedEnvironment } from "./documents/loaded.ts";
import { AppError } from "./errors.ts";
import { createAdminApi } from "./http/admin-door.ts";
import { noteConnection } from "./http/client-address.ts";
import { preflight } from "./http/cors.ts";
import { json } from "./http/headers.ts";
import { requestId } from "./http/request-id.ts";
import { createSdkDoor, type SdkRoute } from "./http/sdk-door.ts";
import { createMetrics } from "./metrics.ts";
import { createEnvironmentDocumentRoute } from "./resources/environment-document/environment-document.sdk.ts";
import { flagsRoute, multivariateOptionsRoute } from "./resources/flags/flags.sdk.ts";
import { liveness, readiness, version } from "./resources/health/health.ts";
import { createIdentitiesRoutes } from "./resources/identities/identities.sdk.ts";
import { createStreams, type Streams } from "./resources/stream/stream.sdk.ts";
import { createAnalyticsRoutes } from "./resources/usage/analytics.sdk.ts";
import { createUsageStore } from "./resources/usage/usage.store.ts";
import { createUsageRecorder } from "./resources/usage/usage-recorder.ts";

export interface AppDeps {
  readonly db: Db;
  readonly logger: Logger;
  readonly bodyLimit: number;
  readonly streamSeconds: number;
  readonly accounts: AccountSettings;
  /** Webhooks may go to addresses of this machine and of private networks. */
  readonly privateWebhooks?: boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds between looks for other processes' changes; 0 = never. */
  readonly pollMs?: number;
}

interface Connection {
  /** The peer's address. */
  address(): string | undefined;
}

export interface App {
  /** Exact paths that are answered without the router. */
  readonly routes: Readonly<Record<string, (request: Request) => Awaitable<Response>>>;
  readonly fetch: (request: Request, connection?: Connection) => Awaitable<Response>;
  /** For tests: a path, or an address, as a client would ask for it. */
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
  readonly changes: Changes;
  readonly documents: Documents;
  readonly streams: Streams;
  readonly accounts: Accounts;
  /** Writes what is only in memory; the database stays open. */
  close(): Promise<void>;
}

/** SDKs use the slash form, proxies and the documentation's examples the other; neither may be redirected. */
const bothForms = (path: string): string[] => [path, path.endsWith("/") ? path.slice(0, -1) : `${path}/`];

export function createApp(deps: AppDeps): App {
  const { db, logger, bodyLimit, now = Date.now } = deps;
  const warn = (error: unknown) => logger.warn({ err: error }, "background work failed");
  const documents = createDocuments({ db, now, onError: warn, pollMs: deps.pollMs ?? 1000 });
  const changes = createChanges({ db, clock: now, publish: documents.changed });
  const usageStore = createUsageStore(db, now);
  const usage = createUsageRecorder(usageStore, warn);
  const streams = createStreams({ documents, streamSeconds: deps.streamSeconds });

  const logError = (error: unknown, request: Request): string => {
    const id = requestId(request);
    const path = URL.canParse(request.url) ? new URL(request.url).pathname : "";
    const fields = { requestId: id, method: request.method, path };
    if (error instanceof AppError && error.status < 500) logger.debug({ ...fields, code: error.code }, "refused");
    else logger.error({ ...fields, err: error }, "request failed");
    return id;
  };

  const door = createSdkDoor<LoadedEnvironment>({
    resolve: documents.resolve,
    onCall: (environment, resource, request) => usage.record(environment.id, resource, request),
    onError: logError,
  });

  const identities = createIdentitiesRoutes({ db, now, bodyLimit, onError: warn });
  const analytics = createAnalyticsRoutes({ store: usageStore, bodyLimit });
  const sdkRoutes: Readonly<Record<string, SdkRoute<LoadedEnvironment>>> = {
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
    "/api/v1/environment-document/": createEnvironmentDocumentRoute(db),
    "/api/v1/analytics/flags/": analytics.flagsV1,
    "/api/v2/analytics/flags/": analytics.flagsV2,
  };

  const hono = new Hono();
  const routes: Record<string, (request: Request) => Awaitable<Response>> = {};
  for (const [path, route] of Object.entries(sdkRoutes)) {
    const handler = door(route);
    for (const form of bothForms(path)) {
      hono.all(form, (c) => handler(c.req.raw, c.req.param() as Record<string, string>));
      if (!form.includes(":")) routes[form] = (request) => handler(request);
    }
  }

  const accounts = createAccounts({
    db: db.kysely,
    changes,
    settings: deps.accounts,
    now,
    log: (level, message) => logger[level](message),
  });
  const authenticate = createAuthenticate({
    db: db.kysely,
    now,
    bySession: accounts.callerOf,
    onUse: accounts.noteUse,
  });
  const admin = createAdminApi({ hono, bodyLimit, authenticate, onError: logError });
  mountAdmin(admin, { db, changes, documents, accounts, now, privateWebhooks: deps.privateWebhooks ?? false });
  admin.finish();
  hono.all(`${BASE_PATH}/*`, (c) => accounts.handle(c.req.raw));

  const metrics = createMetrics({ usage, streams });
  const readyz = (request: Request) => readiness(db, request);
  // Under /proxy too: probes that were written for the edge proxy keep working.
  for (const path of [...bothForms("/health/liveness/"), "/proxy/health/liveness"]) hono.get(path, liveness);
  const readyPaths = [
    ...bothForms("/health/"),
    ...bothForms("/health/readiness/"),
    "/proxy/health",
    "/proxy/health/readiness",
  ];
  for (const path of readyPaths) hono.get(path, (c) => readyz(c.req.raw));
  hono.get("/healthcheck*", (c) => readyz(c.req.raw));
  for (const path of bothForms("/version/")) hono.get(path, version);
  for (const path of bothForms("/metrics/")) hono.get(path, metrics);
  for (const path of bothForms("/sse/environments/:key/stream")) {
    hono.get(path, (c) => streams.open(c.req.param("key") ?? "", c.req.raw.signal));
    hono.options(path, (c) => preflight(c.req.raw));
  }
  hono.get("/", () => new Response(`Burgee is running. See /health and /version/.\n`));
  hono.notFound(() => json(404, { detail: "Not found." }));
  hono.onError((error, c) =>
    json(500, { detail: "Internal server error." }, { "X-Request-Id": logError(error, c.req.raw) }),
  );

  const fetch = (request: Request, connection?: Connection): Awaitable<Response> => {
    if (connection) noteConnection(request, connection.address);
    return hono.fetch(request);
  };
  return {
    routes,
    fetch,
    request: async (path, init) => fetch(new Request(new URL(path, "http://localhost:8000"), init)),
    changes,
    documents,
    streams,
    accounts,
    close: async () => {
      documents.close();
      streams.closeAll();
      await usage.close();
    },
  };
}
