/** PostgreSQL as a Db: a pool for the query builder, pipelined connections for the hot lane, one that listens. */
import { type Dialect, Kysely, sql } from "kysely";
import { Pool } from "pg";
import type { Db } from "../database.ts";
import { migrate } from "../migrate.ts";
import type { OpenOptions } from "../open-options.ts";
import type { Tables } from "../tables.ts";
import { postgresColumns } from "./columns.ts";
import { createPostgresDialect } from "./dialect.ts";
import { toAppError } from "./failures.ts";
import { createFeed } from "./feed.ts";
import { postgresIdCounts } from "./id-counts.ts";
import { createPostgresIdentityIndex } from "./identity-index.ts";
import { createPostgresMarks } from "./identity-marks.ts";
import { createPostgresLane } from "./lane.ts";
import type { ColumnTypes } from "./row-writes.ts";
import { connectionConfig, connectLimitMs } from "./settings.ts";
import { postgresTraits } from "./traits.ts";
import { flushStatement } from "./writes.ts";

const statementLimitMs = 30_000;
const hotStatementLimitMs = 5_000;
const lockLimitMs = 5_000;
const hotLockLimitMs = 2_000;
/** The server ends a hot statement before this, so one that says nothing for so long is gone. */
const hotSilenceMs = 6_500;
const maxWaiting = 1_000;
/** "burgee" and a number. */
const migrationLock = "select pg_advisory_xact_lock(4020753)";
/** A limit of 0 is not sent, so that this also passes through a proxy. */
const unlimited = { statementMs: 0, lockMs: 0, idleMs: 0 };

export async function openPostgresDatabase(url: string, options: Required<OpenOptions>): Promise<Db> {
  const { transactionLimitMs, waitLimitMs, log, prepare, poolSize } = options;
  await withoutLimits(url, (dialect) => migrate(new Kysely({ dialect }), postgresColumns, migrationLock));
  const limits = { statementMs: statementLimitMs, lockMs: lockLimitMs, idleMs: transactionLimitMs };
  const pool = createPool(url, prepare, limits, poolSize, log);
  const hot = connectionConfig(url, prepare, { statementMs: hotStatementLimitMs, lockMs: hotLockLimitMs, idleMs: 0 });
  const lane = createPostgresLane({
    config: hot,
    canFlush: await canFlush(pool),
    columnTypes: await readColumnTypes(pool),
    prepare,
    answerLimitMs: Math.min(waitLimitMs, hotSilenceMs),
    log,
  });
  const listenUrl = options.listenUrl === "" ? url : options.listenUrl;
  const feed = createFeed({ config: connectionConfig(listenUrl, true, unlimited), log });
  // Behind a proxy that pools by transaction a listener hears nothing: without a way past it, nodes compare revisions.
  const canListen = prepare || options.listenUrl !== "";
  const kysely = new Kysely<Tables>({ dialect: createPostgresDialect({ pool, transactionLimitMs, maxWaiting }) });
  return {
    capabilities: { localReads: false, multiNode: true, ...postgresTraits },
    snapshot: (run) => readSnapshot(url, run),
    kysely,
    identityIndex: createPostgresIdentityIndex(kysely, lane.writes),
    identityMarks: createPostgresMarks(kysely),
    idCounts: postgresIdCounts,
    learnContents: async (trx) => {
      await sql`analyze`.execute(trx);
    },
    location: { kind: "postgres", url, prepare },
    lane,
    changeFeed: {
      notify: feed.notify,
      listen: async (...handlers) => (canListen ? feed.listen(...handlers) : undefined),
    },
    ping: async () => {
      await pool.query("select 1").catch((error: unknown) => {
        throw toAppError(error);
      });
    },
    close: async () => {
      await Promise.all([feed.close(), lane.close()]);
      await pool.end();
    },
  };
}

type Limits = Parameters<typeof connectionConfig>[2];

function createPool(url: string, isDirect: boolean, limits: Limits, max: number, log: (message: string) => void): Pool {
  const config = connectionConfig(url, isDirect, limits);
  // The driver's own limit also cuts off a server that says nothing any more.
  const pool = new Pool({
    ...config,
    max,
    query_timeout: limits.statementMs > 0 ? limits.statementMs + connectLimitMs : 0,
  });
  pool.on("error", (error) => log(`a pooled connection is lost (${error.message})`));
  // One that is lost while in use rejects its query; the event itself must not end the process.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** Connections of their own for what may take long: a migration, which may also wait for another node's, and an export. */
async function withoutLimits<Result>(url: string, work: (dialect: Dialect) => Promise<Result>): Promise<Result> {
  const pool = createPool(url, true, unlimited, 2, () => {});
  try {
    return await work(createPostgresDialect({ pool, transactionLimitMs: 0, maxWaiting }));
  } finally {
    await pool.end();
  }
}

function readSnapshot<Result>(url: string, run: (db: Kysely<Tables>) => Promise<Result>): Promise<Result> {
  return withoutLimits(url, (dialect) =>
    new Kysely<Tables>({ dialect })
      .transaction()
      .setIsolationLevel("repeatable read")
      .setAccessMode("read only")
      .execute(run),
  );
}

async function readColumnTypes(pool: Pool): Promise<ColumnTypes> {
  const { rows } = await pool.query<{ table: string; column: string; type: string }>(
    `select c.relname as table, a.attname as column, format_type(a.atttypid, null) as type
     from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped`,
  );
  const tables = Map.groupBy(rows, (row) => row.table);
  return (table) => new Map(tables.get(table)?.map(({ column, type }) => [column, type]));
}

/** Engines that only speak PostgreSQL's protocol may lack it; then every hot write waits for its own commit. */
async function canFlush(pool: Pool): Promise<boolean> {
  return pool.query(flushStatement.text).then(
    () => true,
    () => false,
  );
}
