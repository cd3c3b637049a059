/** How connections to PostgreSQL are set up, and what their values become. */
import { type ClientConfig, type CustomTypesConfig, types } from "pg";

const int8 = 20;
const numeric = 1700;
const json = 114;
const jsonb = 3802;

/** Numbers are numbers (ours stay below 2^53), JSON stays text: the shapes that SQLite gives. */
const rowTypes: CustomTypesConfig = {
  getTypeParser: (oid: number, format?: "text" | "binary") => {
    if (oid === int8 || oid === numeric) return Number;
    if (oid === json || oid === jsonb) return (text: string) => text;
    return types.getTypeParser(oid, format ?? "text");
  },
};

export interface ConnectionLimits {
  /** Of one statement; 0 = none. */
  readonly statementMs: number;
  /** Of waiting for a row that another transaction holds; 0 = none. */
  readonly lockMs: number;
  /** Of a transaction whose owner does nothing; 0 = none. */
  readonly idleMs: number;
}

export const connectLimitMs = 5_000;

/**
 * Limits travel in the start packet, which proxies that pool by transaction refuse: there they are left out, and the limits of
 * this side remain.
 */
export function connectionConfig(url: string, isDirect: boolean, limits: ConnectionLimits): ClientConfig {
  return {
    connectionString: url,
    types: rowTypes,
    keepAlive: true,
    connectionTimeoutMillis: connectLimitMs,
    fallback_application_name: "burgee",
    ...(isDirect
      ? {
          statement_timeout: limits.statementMs,
          lock_timeout: limits.lockMs,
          idle_in_transaction_session_timeout: limits.idleMs,
        }
      : {}),
  };
}
