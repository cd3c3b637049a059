/** The application in this process behind a real socket: clients see HTTP, tests may still reach in and change configuration. */
import { serve } from "../packages/server/src/runtime/serve.ts";
import { createTestApp, type TestApp, type TestAppOptions } from "../packages/server/src/testing/index.ts";

export interface ServedApp extends TestApp {
  readonly port: number;
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** What SDKs are given as their API address. */
  readonly api: string;
}

export interface ServeOptions extends TestAppOptions {
  /** Seconds a connection may be silent; the server's own default unless given. */
  readonly idleTimeout?: number;
}

export async function serveTestApp(options: ServeOptions = {}): Promise<ServedApp> {
  const test = await createTestApp(options);
  const server = serve({
    hostname: "127.0.0.1",
    port: 0,
    routes: test.app.routes,
    fetch: test.app.fetch,
    ...(options.idleTimeout === undefined ? {} : { idleTimeout: options.idleTimeout }),
    maxRequestBodySize: (options.bodyLimit ?? 1024 * 1024) + 1024,
  });
  const url = `http://127.0.0.1:${server.port}`;
  return {
    ...test,
    port: server.port,
    url,
    api: `${url}/api/v1/`,
    close: async () => {
      test.app.streams.closeAll();
      await server.stop(500);
      await test.close();
    },
  };
}
