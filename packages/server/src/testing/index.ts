export { onServer } from "./shared-postgres.ts";
export { type AdminClient, callWith, createAdminClient, createOrganisation, type Grant } from "./test-admin.ts";
export { createTestApp, type TestApp, type TestAppOptions } from "./test-app.ts";
export {
  createEmptyDatabase,
  databaseName,
  databaseOf,
  everyRow,
  lookInto,
  removeFolder,
  wasOpened,
} from "./test-database.ts";
export { createPerson, type TestPerson, type TestPersonOptions } from "./test-person.ts";
export { startTestPostgres, type TestPostgres } from "./test-postgres.ts";
export {
  type CommandResult,
  runBurgee,
  startTestServer,
  type TestServer,
  type TestServerOptions,
} from "./test-server.ts";
export { type Body, createStage, type PageBody, type Stage } from "./test-stage.ts";
