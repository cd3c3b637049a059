/** `burgee serve`: opens, listens, and on SIGTERM or SIGINT lets running requests finish. */
import { createSetupToken, hasAccounts, SETUP_HOURS } from "../accounts/first-account.ts";
import { keepSecret } from "../accounts/secret.ts";
import { createApp } from "../app.ts";
import { type Config, databaseOptions } from "../config.ts";
import { readSite } from "../dashboard/site.ts";
import { openDatabase } from "../db/open-database.ts";
import { StartError } from "../errors.ts";
import { createLogger } from "../log.ts";
import { openFileLimit } from "../runtime/open-files.ts";
import { type RunningServer, type ServeOptions, serve } from "../runtime/serve.ts";
import { VERSION } from "../version.ts";
import { addDemo, describeDemo } from "./demo.ts";

const describeSetup = (publicUrl: string, token: string): string => `
Nobody has an account here yet. Make the first one within ${SETUP_HOURS} hours, once, at
  ${publicUrl}/setup/${token}
or with: burgee setup --email you@example.com --organisation "Your organisation" --password-stdin

`;

/** Between looks for what other nodes queued, or what is to be tried again. */
const DELIVER_MS = 1000;

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

const MAX_STREAMS = 50_000;
const FEW_STREAMS = 2000;

/** Streams must leave files to those who ask. */
const streamsFor = (files: number | undefined): number =>
  files === undefined ? MAX_STREAMS : Math.min(MAX_STREAMS, Math.floor(files * 0.8));

/** Settings that cannot be listened on, in one line that names the one to change. */
function listen(config: Config, options: Pick<ServeOptions, "maxRequestBodySize" | "routes" | "fetch">): RunningServer {
  const { host, port } = config;
  try {
    return serve({ hostname: host, port, ...options });
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") throw new StartError(`BURGEE_PORT: port ${port} is in use already.`);
    if (code === "EACCES") throw new StartError(`BURGEE_PORT: this user may not listen on port ${port}.`);
    if (syscall === "listen" || syscall === "getaddrinfo")
      throw new StartError(`BURGEE_HOST: "${host}" is not an address of this machine.`);
    throw error;
  }
}

export async function runServe(
  config: Config,
  options: { readonly demo: boolean; readonly warnings: readonly string[] },
) {
  const logger = createLogger(config.logLevel);
  for (const warning of options.warnings) logger.warn(warning);
  const traces = config.traces && (await import("../traces/traces.ts")).startTraces(config.traces, VERSION);
  const opened = await openDatabase(config.databaseUrl, {
    ...databaseOptions(config),
    log: (message) => logger.warn(message),
  });
  const db = traces ? traces.watch(opened) : opened;
  const maxStreams = config.maxStreams ?? streamsFor(openFileLimit());
  if (maxStreams < FEW_STREAMS) {
    logger.warn(
      { maxStreams, files: openFileLimit() },
      "few event streams fit: each is an open file, and this process may have few (ulimit -n, LimitNOFILE)",
    );
  }
  let publicUrl = config.publicUrl;
  const app = createApp({
    db,
    logger,
    bodyLimit: config.bodyLimit,
    importLimit: config.importLimit,
    streamSeconds: config.streamSeconds,
    maxStreams,
    tracer: traces,
    accounts: {
      publicUrl: () => publicUrl,
      secret: config.secret ?? keepSecret(config.dataFolder),
      openSignUp: config.openSignUp,
      oidc: config.oidc,
      mail: config.mail,
      trustedProxies: config.trustedProxies,
    },
    privateWebhooks: config.privateWebhooks,
    deliverMs: config.deliverWebhooks ? DELIVER_MS : 0,
    deliveryDays: config.webhookDays,
    site: readSite(),
  });
  const server = listen(config, {
    // Every route but the imports' reads no more than the smaller limit; what nobody reads is not kept.
    maxRequestBodySize: Math.max(config.bodyLimit, config.importLimit) + 1024,
    routes: app.routes,
    fetch: app.fetch,
  });
  // A free port that was asked for is known only now.
  publicUrl = publicUrl.replace(/:0$/, `:${server.port}`);

  const introduce = async () => {
    if (options.demo) {
      await addDemo(db, app);
      process.stdout.write(describeDemo(`http://localhost:${server.port}`));
    }
    if (!(await hasAccounts(db.kysely)))
      process.stdout.write(describeSetup(publicUrl, await createSetupToken(db.kysely, Date.now())));
  };
  let introduced: Promise<unknown> = Promise.resolve();
  let isStopping = false;
  const stop = async (signal: string) => {
    if (isStopping) return;
    isStopping = true;
    logger.info({ signal }, "stopping");
    // Streams never end by themselves, so they go first.
    app.streams.closeAll();
    await server.stop(config.drainMs);
    await introduced.catch(() => undefined);
    await app.close();
    await db.close();
    await traces?.close().catch((error: unknown) => logger.warn({ err: error }, "the last traces were not sent"));
    logger.info("stopped");
    process.exit(0);
  };
  // Before anybody is told that there is a server, or a signal right after that would end it without draining.
  for (const signal of SIGNALS) process.on(signal, () => void stop(signal));
  logger.info(
    { address: `http://${config.host}:${server.port}`, database: config.databaseUrl.split(":", 1)[0] },
    "listening",
  );
  introduced = introduce();
  await introduced;
}
