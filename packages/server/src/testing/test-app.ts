/** The application on a fresh database, without a socket. */
import { pino } from "pino";
import type { AccountSettings } from "../accounts/settings.ts";
import { type App, createApp } from "../app.ts";
import type { Site } from "../dashboard/site.ts";
import type { Db } from "../db/database.ts";
import type { Resolve } from "../http/guarded-post.ts";
import type { RequestTracer } from "../request-tracer.ts";
import { type ImportResult, importDocument } from "../resources/imports/import-document.ts";
import { openTestDatabase } from "./test-database.ts";

export interface TestApp {
  readonly app: App;
  readonly db: Db;
  readonly request: App["request"];
  /** Imports an environment document as `burgee import` does. */
  importDocument(document: unknown, serverKey?: string): Promise<ImportResult>;
  close(): Promise<void>;
}

export interface TestAppOptions {
  readonly accounts?: Partial<AccountSettings>;
  readonly privateWebhooks?: boolean;
  readonly deliverMs?: number;
  readonly resolveWebhook?: Resolve;
  readonly now?: () => number;
  readonly streamSeconds?: number;
  /** Stands between the application and its database. */
  readonly watch?: (db: Db) => Db;
  readonly tracer?: RequestTracer | undefined;
  readonly pollMs?: number;
  readonly bodyLimit?: number;
  readonly site?: Site | undefined;
}

const testAccounts: AccountSettings = {
  publicUrl: () => "http://localhost:8000",
  secret: "a secret that only tests have, of enough characters",
  openSignUp: false,
  trustedProxies: 0,
};

export async function createTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { now = Date.now, streamSeconds = 30, pollMs = 0, bodyLimit = 1024 * 1024 } = options;
  const test = await openTestDatabase();
  const app = createApp({
    db: options.watch?.(test.db) ?? test.db,
    logger: pino({ level: "silent" }),
    bodyLimit,
    streamSeconds,
    now,
    pollMs,
    accounts: { ...testAccounts, ...options.accounts },
    privateWebhooks: options.privateWebhooks ?? false,
    deliverMs: options.deliverMs ?? 0,
    resolveWebhook: options.resolveWebhook,
    site: options.site,
    tracer: options.tracer,
  });
  return {
    app,
    db: test.db,
    request: app.request,
    importDocument: (document, serverKey) =>
      importDocument(app.changes, now, { text: JSON.stringify(document), serverKey, actor: "test" }),
    close: async () => {
      await app.close();
      await test.close();
    },
  };
}
