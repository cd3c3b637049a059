/** The runtime API on a socket, byte for byte where bytes matter: the cases in spec/http, and what takes more than a request and an answer. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { databaseName } from "../packages/server/src/testing/index.ts";
import { buildDocument, serverKey } from "./builders.ts";
import { type ServedApp, serveTestApp } from "./serve-app.ts";
import { readCaseFiles, runCase } from "./wire-case.ts";

async function storedTraits(served: ServedApp, environmentId: number, identifier: string): Promise<unknown> {
  // No database holds it, and PostgreSQL cannot even be asked.
  if (identifier.includes("\0") && databaseName === "postgres") return null;
  const row = await served.db.kysely
    .selectFrom("identities")
    .select("traits")
    .where("environment_id", "=", environmentId)
    .where("identifier", "=", identifier)
    .executeTakeFirst();
  return row === undefined ? null : JSON.parse(row.traits);
}

for (const file of readCaseFiles()) {
  describe(`${file.name}: ${file.about}`, () => {
    let served: ServedApp;
    beforeAll(async () => {
      served = await serveTestApp();
      for (const input of file.environments) {
        await served.importDocument(buildDocument(input), serverKey(input.id));
      }
    });
    afterAll(() => served.close());

    for (const wireCase of file.cases) {
      test(wireCase.name, async () => {
        await runCase(served.port, wireCase);
        for (const [identifier, traits] of Object.entries(wireCase.stored ?? {})) {
          expect(await storedTraits(served, wireCase.environment ?? 1, identifier), identifier).toEqual(
            traits as never,
          );
        }
      });
    }
  });
}
