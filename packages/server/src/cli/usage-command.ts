/** `burgee usage`: what SDKs said they evaluated, as a table. */
import type { Db } from "../db/database.ts";
import { createUsageStore } from "../resources/usage/usage.store.ts";

export interface UsageRequest {
  readonly environment: string;
  readonly feature: string | undefined;
  readonly days: number;
}

/** Returns the exit code. */
export async function runUsage(db: Db, { environment, feature, days }: UsageRequest): Promise<number> {
  const found = await db.kysely
    .selectFrom("environments")
    .select(["id", "name"])
    .where("api_key", "=", environment)
    .executeTakeFirst();
  if (!found) {
    process.stderr.write(`No environment has the client-side key "${environment}".\n`);
    return 1;
  }
  const rows = await createUsageStore(db, Date.now).featureUsage(found.id, days, feature);
  if (rows.length === 0) {
    process.stdout.write(`No SDK reported an evaluation in ${found.name} in the last ${days} days.\n`);
    return 0;
  }
  const width = Math.max(7, ...rows.map((row) => row.feature.length));
  process.stdout.write(`${"day".padEnd(12)}${"feature".padEnd(width + 2)}evaluations\n`);
  for (const row of rows) process.stdout.write(`${row.day.padEnd(12)}${row.feature.padEnd(width + 2)}${row.count}\n`);
  return 0;
}
