/** Kysely on a pool of connections, with errors as the rest of the server knows them and a time limit on transactions. */
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import { DatabaseError, type Pool, type PoolClient } from "pg";
import { AppError } from "../../errors.ts";
import { toSqlValue } from "../parameters.ts";
import { createIdFollower, type IdFollower } from "./explicit-ids.ts";
import { toAppError } from "./failures.ts";

export interface PostgresDialectOptions {
  readonly pool: Pool;
  /** 0 = none. */
  readonly transactionLimitMs: number;
  /** More callers than this waiting for a connection are refused at once. */
  readonly maxWaiting: number;
}

interface Connection extends DatabaseConnection {
  readonly client: PoolClient;
  readonly ids: IdFollower;
  timer?: ReturnType<typeof setTimeout> | undefined;
  isExpired: boolean;
  isInTransaction: boolean;
  /** Something else than the server's own answer went wrong on it: what is still under way there nobody knows. */
  isBroken: boolean;
}

/** Migrations hold one of their transaction. */
const withoutLock = { acquireMigrationLock: async () => {}, releaseMigrationLock: async () => {} };

export function createPostgresDialect(options: PostgresDialectOptions): Dialect {
  return {
    createAdapter: () => Object.assign(new PostgresAdapter(), withoutLock),
    createDriver: () => createDriver(options),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

function createDriver({ pool, transactionLimitMs, maxWaiting }: PostgresDialectOptions): Driver {
  const run = (connection: Connection, text: string) => connection.executeQuery(CompiledQuery.raw(text));
  return {
    init: async () => {},
    acquireConnection: async () => {
      if (pool.waitingCount >= maxWaiting) throw new AppError("database_busy", { reason: "no free connection" });
      return createConnection(await pool.connect().catch(rethrow));
    },
    beginTransaction: async (connection: Connection, { isolationLevel, accessMode }: TransactionSettings) => {
      const level = isolationLevel ? ` isolation level ${isolationLevel}` : "";
      await run(connection, `begin${level}${accessMode ? ` ${accessMode}` : ""}`);
      connection.isInTransaction = true;
      if (transactionLimitMs > 0) connection.timer = setTimeout(() => expire(connection), transactionLimitMs);
    },
    commitTransaction: async (connection: Connection) => {
      await connection.ids.follow();
      clearTimeout(connection.timer);
      await run(connection, "commit");
      connection.isInTransaction = false;
    },
    rollbackTransaction: async (connection: Connection) => {
      clearTimeout(connection.timer);
      if (connection.isExpired) return;
      // A connection that cannot even do this is not given back to the pool; the server rolls back when it sees it gone.
      await run(connection, "rollback").then(
        () => {
          connection.isInTransaction = false;
        },
        () => {},
      );
    },
    releaseConnection: async (connection: Connection) => {
      clearTimeout(connection.timer);
      if (!connection.isExpired) connection.client.release(connection.isInTransaction || connection.isBroken);
    },
    destroy: async () => {},
  };
}

/** Closing the connection is what makes the server roll back, whatever the owner is doing. */
function expire(connection: Connection): void {
  connection.isExpired = true;
  connection.client.release(true);
}

function createConnection(client: PoolClient): Connection {
  const connection: Connection = {
    client,
    isExpired: false,
    isInTransaction: false,
    isBroken: false,
    ids: createIdFollower(async (text, values) => {
      await client.query(text, [...values]).catch(rethrow);
    }),
    executeQuery: async <Row>(compiled: CompiledQuery): Promise<QueryResult<Row>> => {
      if (connection.isExpired) throw new AppError("database_busy", { reason: "transaction took too long" });
      const result = await client.query(compiled.sql, compiled.parameters.map(toSqlValue)).catch((error: unknown) => {
        if (connection.isExpired) throw new AppError("database_busy", { reason: "transaction took too long" });
        if (!(error instanceof DatabaseError)) connection.isBroken = true;
        return rethrow(error);
      });
      connection.ids.note(compiled.query);
      if (!connection.isInTransaction) await connection.ids.follow();
      return { rows: result.rows as Row[], numAffectedRows: BigInt(result.rowCount ?? 0) };
    },
    streamQuery: () => {
      throw new Error("Streaming is not supported: page through the rows by key.");
    },
  };
  return connection;
}

function rethrow(error: unknown): never {
  throw toAppError(error);
}
