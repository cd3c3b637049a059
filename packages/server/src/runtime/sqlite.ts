/** bun:sqlite behind five verbs and a bounded cache of prepared statements. It refuses to know tables or pragmas. */
import { Database, type SQLQueryBindings, type Statement } from "bun:sqlite";

export type SqliteValue = string | number | bigint | null;
export type SqliteParameters = readonly SqliteValue[];

export interface SqliteRunResult {
  readonly changes: number;
  readonly lastInsertRowid: number;
}

export interface SqliteConnection {
  get<Row>(sql: string, parameters: SqliteParameters): Row | undefined;
  all<Row>(sql: string, parameters: SqliteParameters): Row[];
  run(sql: string, parameters: SqliteParameters): SqliteRunResult;
  /** Rows as lists of cells: cheaper to hand on than objects. */
  values(sql: string, parameters: SqliteParameters): readonly (readonly unknown[])[];
  /** What the statement answers with; none for one that answers no rows. Does not run it. */
  columns(sql: string): readonly string[];
  /** Several statements, without parameters and without the cache. */
  exec(sql: string): void;
  isInTransaction(): boolean;
  close(): void;
}

type Prepared = Statement<unknown, SQLQueryBindings[]>;

const cachedStatements = 500;

export function openSqlite(path: string, options: { readonly: boolean }): SqliteConnection {
  const database = options.readonly ? new Database(path, { readonly: true }) : new Database(path, { create: true });
  const { prepare, finalize } = createStatementCache(database);
  return {
    get: <Row>(sql: string, parameters: SqliteParameters) =>
      (prepare(sql).get(...parameters) as Row | null) ?? undefined,
    all: <Row>(sql: string, parameters: SqliteParameters) => prepare(sql).all(...parameters) as Row[],
    run: (sql, parameters) => {
      const { changes, lastInsertRowid } = prepare(sql).run(...parameters);
      return { changes, lastInsertRowid: Number(lastInsertRowid) };
    },
    values: (sql, parameters) => prepare(sql).values(...parameters) ?? [],
    columns: (sql) => prepare(sql).columnNames,
    exec: (sql) => void database.run(sql),
    isInTransaction: () => database.inTransaction,
    close: () => {
      // With a statement left, SQLite would put off closing: locks stay, and the last to leave would not empty the write-ahead log.
      finalize();
      database.close(true);
    },
  };
}

/** Bun's own query() keeps 20 statements; here the least recently made one leaves at 500. */
function createStatementCache(database: Database) {
  const statements = new Map<string, Prepared>();
  const prepare = (sql: string): Prepared => {
    const known = statements.get(sql);
    if (known) return known;
    const statement: Prepared = database.prepare(sql);
    statements.set(sql, statement);
    if (statements.size > cachedStatements) {
      for (const [oldest, stale] of statements) {
        statements.delete(oldest);
        stale.finalize();
        break;
      }
    }
    return statement;
  };
  const finalize = (): void => {
    for (const statement of statements.values()) statement.finalize();
    statements.clear();
  };
  return { prepare, finalize };
}
