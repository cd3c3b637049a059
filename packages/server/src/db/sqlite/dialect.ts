/** Kysely on SQLite threads: selects outside a transaction go to a reader, everything else to the writer. */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type QueryResult,
  SelectQueryNode,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { SqlValue } from "../database.ts";
import { toSqlValue } from "../parameters.ts";
import type { QueryAnswer } from "./protocol.ts";

/** Who runs what; the threads answer, but nothing here knows it. */
export interface SqlitePorts {
  read(sql: string, parameters: readonly SqlValue[]): Promise<QueryAnswer>;
  write(sql: string, parameters: readonly SqlValue[], transaction?: number): Promise<QueryAnswer>;
  begin(): Promise<number>;
  end(transaction: number, commit: boolean): Promise<void>;
}

interface Connection extends DatabaseConnection {
  transaction?: number | undefined;
}

const adapter: DialectAdapter = {
  supportsCreateIfNotExists: true,
  supportsMultipleConnections: true,
  // Migrations run in one transaction, and `begin immediate` is the lock between processes.
  supportsTransactionalDdl: true,
  supportsReturning: true,
  supportsOutput: false,
  acquireMigrationLock: async () => {},
  releaseMigrationLock: async () => {},
};

export function createSqliteDialect(ports: SqlitePorts): Dialect {
  return {
    createAdapter: () => adapter,
    createDriver: () => createDriver(ports),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

function createDriver(ports: SqlitePorts): Driver {
  return {
    init: async () => {},
    acquireConnection: async () => createConnection(ports),
    beginTransaction: async (connection: Connection) => {
      connection.transaction = await ports.begin();
    },
    commitTransaction: (connection: Connection) => end(ports, connection, true),
    rollbackTransaction: (connection: Connection) => end(ports, connection, false),
    releaseConnection: async (connection: Connection) => {
      if (connection.transaction !== undefined) await end(ports, connection, false);
    },
    destroy: async () => {},
  };
}

async function end(ports: SqlitePorts, connection: Connection, commit: boolean): Promise<void> {
  const transaction = connection.transaction;
  connection.transaction = undefined;
  if (transaction !== undefined) await ports.end(transaction, commit);
}

function createConnection(ports: SqlitePorts): Connection {
  const connection: Connection = {
    executeQuery: async <Row>({ query, sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> => {
      const values = parameters.map(toSqlValue);
      const isRead = connection.transaction === undefined && (SelectQueryNode.is(query) || /^\s*select\b/i.test(sql));
      const answer = isRead ? await ports.read(sql, values) : await ports.write(sql, values, connection.transaction);
      return toResult<Row>(answer);
    },
    streamQuery: () => {
      throw new Error("Streaming is not supported: page through the rows by key.");
    },
  };
  return connection;
}

function toResult<Row>({ rows, changes, lastInsertRowid }: QueryAnswer): QueryResult<Row> {
  if (changes === undefined) return { rows: rows as Row[], numAffectedRows: BigInt(rows.length) };
  return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid ?? 0) };
}
