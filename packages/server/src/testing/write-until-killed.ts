/** A process for tests to kill: writes identities as fast as it can and prints each write that was acknowledged. Argument: the URL. */
import { openDatabase } from "../db/open-database.ts";
import { insertEnvironment, upsertIdentity } from "./test-environment.ts";

const callers = 32;
const db = await openDatabase(process.argv[2] ?? "");
const { environmentId } = await insertEnvironment(db);
process.stdout.write(`environment ${environmentId}\n`);
await Promise.all(
  Array.from({ length: callers }, async (_, caller) => {
    for (let n = 0; ; n++) {
      await db.lane.write(upsertIdentity, [environmentId, `writer-${caller}`, `{"n":${n}}`]);
      process.stdout.write(`${caller} ${n}\n`);
    }
  }),
);
