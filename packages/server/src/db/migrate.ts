/** Brings a database to the newest schema. Safe to run from several processes at once: one of them does, in one transaction. */
import { type Kysely, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { isAppError } from "../errors.ts";
import type { ColumnTypes } from "./columns.ts";
import { createInitial } from "./migrations/0001-initial.ts";
import { createAdmin } from "./migrations/0002-admin.ts";
import { createAccountTables } from "./migrations/0003-accounts.ts";
import { createAuditSubjects } from "./migrations/0004-audit-subjects.ts";
import { createEvents } from "./migrations/0005-events.ts";
import { createAuditAddress } from "./migrations/0006-audit-address.ts";
import { createOverrideEnds } from "./migrations/0007-override-ends.ts";
import { createSearch } from "./migrations/0008-search.ts";
import { createJobs } from "./migrations/0009-jobs.ts";
import { createWebhookDeliveries } from "./migrations/0010-webhooks.ts";
import { createUsageDays } from "./migrations/0011-usage.ts";
import { createAccessTokens } from "./migrations/0013-access-tokens.ts";
import { createFeatureTransfers } from "./migrations/0014-feature-transfers.ts";

/** `lock` is a statement that waits until nobody else migrates and holds for a transaction; "" where the transaction itself does that. */
export async function migrate(db: Kysely<unknown>, columns: ColumnTypes, lock = ""): Promise<void> {
  const migrations: Record<string, Migration> = {
    "0001-initial": createInitial(columns),
    "0002-admin": createAdmin(columns),
    "0003-accounts": createAccountTables(columns),
    "0004-audit-subjects": createAuditSubjects(columns),
    "0005-events": createEvents(columns),
    "0006-audit-address": createAuditAddress(columns),
    "0007-override-ends": createOverrideEnds(columns),
    "0008-search": createSearch(columns),
    "0009-jobs": createJobs(columns),
    "0010-webhooks": createWebhookDeliveries(columns),
    "0011-usage": createUsageDays(columns),
    "0013-access-tokens": createAccessTokens(columns),
    "0014-feature-transfers": createFeatureTransfers(columns),
  };
  if (await haveRun(db, Object.keys(migrations))) return;
  // The migrator's own lock comes after its own tables, which two processes then make at once, and is of a session, which a proxy may change.
  await db.transaction().execute(async (trx) => {
    if (lock !== "") await sql.raw(lock).execute(trx);
    const migrator = new Migrator({ db: trx, provider: { getMigrations: async () => migrations } });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
  });
}

/** Asked first: the migrator looks into every table before it finds nothing to do, and each start would wait for that. */
async function haveRun(db: Kysely<unknown>, names: readonly string[]): Promise<boolean> {
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
    return rows.length === names.length && rows.every((row, index) => row.name === names[index]);
  } catch (error) {
    if (isAppError(error, "database_unavailable")) throw error;
    // A new database has no such table.
    return false;
  }
}
