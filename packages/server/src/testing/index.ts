export { createTestApp, type TestApp, type TestAppOptions } from "./test-app.ts";
export { runBurgee, startTestServer, type CommandResult, type TestServer, type TestServerOptions } from "./test-server.ts";
