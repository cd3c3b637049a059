/** Mounts the doors. `request` answers without a socket, for tests; `routes` are the hot paths that skip the router. */
import { Hono } from "hono";
import type { Logger } from "pino";
import { createAuthenticate } from "./access/authenticate.ts";
import { type Accounts, createAccounts } from "./accounts/accounts.ts";
import { createMailer } from "./accounts/mailer.ts";
import { type AccountSettings, BASE_PATH } from "./accounts/settings.ts";
import { mountAdmin } from "./admin.ts";
import { type Changes, createChanges } from "./changes/commit.ts";
import { createIdentityNews, type IdentityNews } from "./changes/identity-news.ts";
import { createOverrideEnds, type OverrideEnds } from "./changes/override-ends.ts";
import { createSiteHandler } from "./dashboard/serve-site.ts";
import type { Site } from "./dashboard/site.ts";
import type { Awaitable, Db } from "./db/database.ts";
import { createDocuments, type Documents } from "./documents/documents.ts";
import { type AdminApi, createAdminApi } from "./http/admin-door.ts";
import { refuseLongBody } from "./http/body-limit.ts";
import { clientAddress, noteConnection } from "./http/client-address.ts";
import type { Resolve } from "./http/guarded-post.ts";
import { json } from "./http/headers.ts";
import { noteTimeout } from "./http/long-request.ts";
import { clearEnvironments, createClearEnvironments } from "./jobs/end-environments.ts";
import { createJobs, type Jobs } from "./jobs/jobs.ts";
import { startMaintenance } from "./maintenance.ts";
import { mountOpenApi } from "./openapi/mount-openapi.ts";
import { whoMayTable } from "./openapi/who-may/index.ts";
import { mountOperations } from "./operations.ts";
import { createErrorLog, withRequestLog } from "./request-log.ts";
import { noteRoutes, type RequestTracer, withTracer } from "./request-tracer.ts";
import { addIdentityJobs, createBatchThread } from "./resources/identity-jobs/identity-jobs.ts";
import { startRetention } from "./resources/identity-jobs/retention.ts";
import { mountConsentPage } from "./resources/oauth/consent-page.ts";
import { createStreams, type Streams } from "./resources/stream/stream.sdk.ts";
import { createForgetDeliveries, forgetDeliveries } from "./resources/subjects/forget-deliveries.ts";
import { createUsageStore } from "./resources/usage/usage.store.ts";
import { createUsageRecorder, type UsageRecorder } from "./resources/usage/usage-recorder.ts";
import { createDeliveryWorker, type DeliveryWorker } from "./resources/webhooks/delivery-worker.ts";
import { createIdentityNotifier, type IdentityNotifier } from "./resources/webhooks/identity-notifier.ts";
import { createOutbox } from "./resources/webhooks/outbox.ts";
import { type FastRoutes, mountSdk } from "./sdk.ts";
import { createIndexer } from "./search/indexer.ts";
import { createSearch } from "./search/search.ts";
import { VERSION } from "./version.ts";

export interface AppDeps {
  readonly db: Db;
  readonly logger: Logger;
  readonly bodyLimit: number;
  readonly streamSeconds: number;
  /** Open event streams; more are refused. */
  readonly maxStreams?: number | undefined;
  /** Makes spans of requests; left out, nothing is traced. */
  readonly tracer?: RequestTracer | undefined;
  readonly accounts: AccountSettings;
  /** Webhooks may go to addresses of this machine and of private networks. */
  readonly privateWebhooks?: boolean;
  /** Milliseconds between looks for what webhooks are to be sent; 0 = never. */
  readonly deliverMs?: number;
  /** Days that deliveries are kept. */
  readonly deliveryDays?: number | undefined;
  /** Looks up the names of webhooks' addresses. */
  readonly resolveWebhook?: Resolve | undefined;
  /** Bytes of a file of identities. */
  readonly importLimit?: number;
  /** The built dashboard; undefined = there is none. */
  readonly site?: Site | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds between looks for other processes' changes; 0 = never. */
  readonly pollMs?: number;
}

/** Unless said otherwise. */
const DELIVERY_DAYS = 14;
/** Between looks for identity webhooks that were set up on other nodes. */
const REFRESH_MS = 5000;

interface Connection {
  /** The peer's address. */
  address(): string | undefined;
  /** Seconds without a byte sent after which it is cut; 0 = never. */
  setTimeout?(seconds: number): void;
}

export interface App {
  /** Exact paths that are answered without the router. */
  readonly routes: FastRoutes;
  readonly fetch: (request: Request, connection?: Connection) => Awaitable<Response>;
  /** For tests: a path, or an address, as a client would ask for it. */
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
  readonly changes: Changes;
  readonly documents: Documents;
  readonly overrideEnds: OverrideEnds;
  readonly streams: Streams;
  readonly news: IdentityNews;
  readonly usage: UsageRecorder;
  readonly deliveries: DeliveryWorker;
  readonly identityNotifier: IdentityNotifier;
  readonly accounts: Accounts;
  readonly jobs: Jobs;
  /** What the admin door answers, for the tests that leave no route out. */
  readonly adminRoutes: AdminApi["routes"];
  /** Everything that is mounted, as "GET /path/:name". */
  readonly mounted: readonly string[];
  /** Writes what is only in memory; the database stays open. */
  close(): Promise<void>;
}

const DEFAULT_IMPORT_LIMIT = 2 * 1024 ** 3;

export function createApp(deps: AppDeps): App {
  const { db, logger, bodyLimit, now = Date.now } = deps;
  const warn = (error: unknown) => logger.warn({ err: error }, "background work failed");
  const documents = createDocuments({ db, now, onError: warn, pollMs: deps.pollMs ?? 1000 });
  const news = createIdentityNews({ db, onError: warn });
  const mailer = deps.accounts.mail && createMailer(deps.accounts.mail, (message) => logger.error(message));
  const outbox = createOutbox({ wake: () => deliveries.wake() });
  const changes = createChanges({ db, clock: now, publish: documents.changed, news, outbox });
  const deliveries = createDeliveryWorker({
    db,
    changes,
    now,
    allowPrivate: deps.privateWebhooks ?? false,
    resolve: deps.resolveWebhook,
    pollMs: deps.deliverMs ?? 0,
    keepDays: deps.deliveryDays ?? DELIVERY_DAYS,
    sendMail: mailer?.send,
    log: (message) => logger.warn(message),
    onError: warn,
  });
  const identityNotifier = createIdentityNotifier({
    db,
    now,
    allowPrivate: deps.privateWebhooks ?? false,
    resolve: deps.resolveWebhook,
    onError: warn,
    refreshMs: (deps.pollMs ?? 1000) > 0 ? REFRESH_MS : 0,
  });
  const overrideEnds = createOverrideEnds({ db, changes, now, onError: warn });
  documents.onChange(overrideEnds.look);
  const usageStore = createUsageStore(db, now);
  const usage = createUsageRecorder(usageStore, warn);
  const streams = createStreams({ documents, news, streamSeconds: deps.streamSeconds, maxStreams: deps.maxStreams });

  const search = createSearch({ db, now });
  const indexer = createIndexer({ db, now, onError: warn });
  const jobs = createJobs({ db, now, onError: warn });
  jobs.handle(clearEnvironments, createClearEnvironments(db));
  const thread = createBatchThread();
  addIdentityJobs(jobs, { db, changes, documents, search, news, now }, thread);
  jobs.handle(forgetDeliveries, createForgetDeliveries({ db, now }));

  const errors = new Map<string, number>();
  const logError = createErrorLog(logger, errors);
  const hono = new Hono();
  const routeOf = noteRoutes(hono, deps.tracer);
  const fast = mountSdk(hono, {
    db,
    documents,
    news,
    streams,
    usage,
    usageStore,
    bodyLimit,
    now,
    onError: logError,
    warn,
    listener: identityNotifier,
  });

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
  const admin = createAdminApi({
    hono,
    bodyLimit,
    authenticate,
    addressOf: (request) => clientAddress(request, deps.accounts.trustedProxies),
    onError: logError,
  });
  const importLimit = deps.importLimit ?? DEFAULT_IMPORT_LIMIT;
  mountAdmin(admin, {
    db,
    changes,
    documents,
    accounts,
    now,
    privateWebhooks: deps.privateWebhooks ?? false,
    deliveries,
    identityNotifier,
    jobs,
    news,
    thread,
    importLimit,
    search,
  });
  admin.finish();
  mountOpenApi(hono, { routes: admin.routes, whoMay: whoMayTable, version: VERSION });
  mountConsentPage(hono);
  hono.all(`${BASE_PATH}/*`, (c) => refuseLongBody(c.req.raw, bodyLimit) ?? accounts.handle(c.req.raw));

  const hasMail = deps.accounts.mail !== undefined;
  mountOperations(hono, db, { usage, streams, news, errors, deliveries, identityNotifier, hasMail });
  const serveSite = deps.site ? createSiteHandler(deps.site) : () => undefined;
  const running = () => new Response(`Burgee is running. See /health and /version/.\n`);
  hono.get("/", (c) => serveSite(c.req.raw) ?? running());
  hono.notFound((c) => serveSite(c.req.raw) ?? json(404, { detail: "Not found." }));
  hono.onError((error, c) =>
    json(500, { detail: "Internal server error." }, { "X-Request-Id": logError(error, c.req.raw) }),
  );

  jobs.start();
  const stopRetention = startRetention({ db, jobs, now }, warn);
  const stopMaintenance = startMaintenance(db, now, warn);
  const answer = withTracer(deps.tracer, routeOf, (request) => hono.fetch(request));
  const fetch = withRequestLog(logger, (request: Request, connection?: Connection): Awaitable<Response> => {
    if (connection) noteConnection(request, connection.address);
    if (connection?.setTimeout) noteTimeout(request, connection.setTimeout);
    return answer(request);
  });
  const routes = Object.fromEntries(
    Object.entries(fast).map(([path, run]) => [
      path,
      withRequestLog(
        logger,
        withTracer(deps.tracer, () => path, run),
      ),
    ]),
  );
  return {
    routes,
    fetch,
    request: async (path, init) => fetch(new Request(new URL(path, "http://localhost:8000"), init)),
    changes,
    documents,
    overrideEnds,
    streams,
    news,
    usage,
    deliveries,
    identityNotifier,
    accounts,
    jobs,
    adminRoutes: admin.routes,
    mounted: hono.routes.map(({ method, path }) => `${method} ${path}`),
    close: async () => {
      stopMaintenance();
      await accounts.letters.settled();
      await deliveries.close();
      identityNotifier.close();
      await mailer?.settled();
      stopRetention();
      await jobs.close();
      thread.close();
      await search.close();
      await indexer.close();
      await overrideEnds.close();
      documents.close();
      streams.closeAll();
      await news.close();
      await usage.close();
    },
  };
}
